"""``voicetel simulate``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voicetel.choices import check_choice, split_values
from voicetel.cli import output
from voicetel.cli.options import declared as options
from voicetel.cli.options.sizes import size_bytes
from voicetel.cli.terminal.progress import LoadProgress
from voicetel.errors import UsageError
from voicetel.registry import find_report

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

EVERYTHING = "all"

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
Plant = Annotated[
    list[str] | None,
    typer.Option(
        "--plant",
        metavar="NAME",
        help="What reports are to find, with commas, or `all`: slow_day, slow_model, bad_release, night_campaign. "
        "What it is and where is written to planted.json beside the logs.",
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
    plant: Plant = None,
    format_name: options.FormatName = None,
    json: options.Json = False,
) -> None:
    """Write logs of simulated calls, in English and Russian.

    For trying things on, for benchmarks, and to see what broken logs do.
    """
    from voicetel.reporters.layouts.simulation import simulation_document  # noqa: PLC0415  --help does without
    from voicetel.simulator import FAULTS, PLANTS  # noqa: PLC0415
    from voicetel.simulator import simulate as write_logs  # noqa: PLC0415
    from voicetel.simulator.log_file import TYPICAL_CALL_BYTES  # noqa: PLC0415

    target = output.target(format_name, as_json=json, path=None)
    if (calls is None) == (size is None):
        raise UsageError("a simulation needs either --calls or --size", hint="try --calls 1000 or --size 100MB")
    wanted = None if size is None else size_bytes("--size", size)
    kinds = _kinds(faults, FAULTS, option="--faults", what="fault")
    plants = _kinds(plant, PLANTS, option="--plant", what="kind of plant")
    with LoadProgress("Writing") as progress:
        progress.start(wanted or (calls or 0) * TYPICAL_CALL_BYTES)
        written = write_logs(
            Path(folder),
            calls=calls,
            size_bytes=wanted,
            seed=seed,
            faults=kinds,
            plants=plants,
            days=days,
            progress=progress.advance,
        )
    report = find_report("simulate")
    output.write_report(report, written, target, document=lambda: simulation_document(written, folder))


def _kinds(values: Sequence[str] | None, known: Collection[str], *, option: str, what: str) -> tuple[str, ...]:
    """Return the names that ``option`` was given, all of the ``known`` ones for `all`."""
    named = tuple(split_values(values, option=option))
    if EVERYTHING in named:
        return tuple(known)
    for name in named:
        check_choice(name, known, what)
    return named
