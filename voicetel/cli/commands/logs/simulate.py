"""``voicetel simulate``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from voicetel.choices import check_choice, split_values
from voicetel.cli import output
from voicetel.cli.options import declared as options
from voicetel.cli.options.sizes import size_bytes
from voicetel.cli.progress import LoadProgress
from voicetel.errors import UsageError
from voicetel.registry import find_report

EVERY_FAULT = "all"

Calls = Annotated[int | None, typer.Option("--calls", metavar="N", min=1, help="Logs of this many calls.")]
Size = Annotated[str | None, typer.Option("--size", metavar="SIZE", help="Logs of about this size: 100MB, 1GB.")]
Folder = Annotated[str, typer.Option("--output", "-o", metavar="DIR", help="Folder to write to, made if missing.")]
Seed = Annotated[int, typer.Option("--seed", metavar="N", help="The same seed gives the same bytes.")]
Days = Annotated[int, typer.Option("--days", metavar="N", min=1, help="Days that the calls fall on.")]
Faults = Annotated[
    list[str] | None,
    typer.Option(
        "--faults",
        metavar="NAME",
        help="Faults to plant, with commas, or `all`: torn, nul, duplicate, no_end and more.",
    ),
]


def simulate(
    folder: Folder,
    *,
    calls: Calls = None,
    size: Size = None,
    seed: Seed = 0,
    days: Days = 7,
    faults: Faults = None,
    format_name: options.FormatName = None,
    json: options.Json = False,
) -> None:
    """Write logs of simulated calls, in English and Russian.

    For trying things on, for benchmarks, and to see what broken logs do.
    """
    from voicetel.reporters.layouts.simulation import simulation_document  # noqa: PLC0415  --help does without
    from voicetel.simulator import FAULTS  # noqa: PLC0415
    from voicetel.simulator import simulate as write_logs  # noqa: PLC0415
    from voicetel.simulator.log_file import TYPICAL_CALL_BYTES  # noqa: PLC0415

    target = output.target(format_name, as_json=json, path=None)
    if (calls is None) == (size is None):
        raise UsageError("a simulation needs either --calls or --size", hint="try --calls 1000 or --size 100MB")
    wanted = None if size is None else size_bytes("--size", size)
    kinds = tuple(FAULTS) if EVERY_FAULT in (named := split_values(faults, option="--faults")) else named
    for kind in kinds:
        check_choice(kind, FAULTS, "fault")
    with LoadProgress("Writing") as progress:
        progress.start(wanted or (calls or 0) * TYPICAL_CALL_BYTES)
        written = write_logs(
            Path(folder), calls=calls, size_bytes=wanted, seed=seed, faults=kinds, days=days, progress=progress.advance
        )
    report = find_report("simulate")
    output.write_report(report, written, target, document=lambda: simulation_document(written, folder))
