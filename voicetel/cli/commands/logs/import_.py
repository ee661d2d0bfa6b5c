"""``voicetel import``."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voicetel.choices import check_choice
from voicetel.cli import completion, diagnostics, logs, output
from voicetel.cli.options import declared as options
from voicetel.cli.terminal.progress import LoadProgress
from voicetel.errors import NoDataError, RefusedInputError, UsageError
from voicetel.registry import find_report

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicetel.importers import ImportResult, ImportSummary

Files = Annotated[
    list[str] | None,
    typer.Argument(metavar="FILES", help="Exports, or folders of them; - is stdin.", show_default=False),
]
Folder = Annotated[
    str | None,
    typer.Option(
        "--output",
        "-o",
        metavar="DIR",
        help="Folder of logs to write to, made if missing. Else $VOICETEL_LOGS, else ./logs.",
    ),
]
From = Annotated[
    str | None, typer.Option("--from", metavar="NAME", help="Take the documents of this system only: see --list.")
]
Strict = Annotated[
    bool, typer.Option("--strict", help="Exit 5 if a document was not recognised, or was cut off or no JSON.")
]
SummaryFormat = Annotated[
    str | None,
    typer.Option(
        "--format",
        "-f",
        metavar="NAME",
        help="How stdout says what was imported: table, json, csv, md or html, else table. The logs are JSON lines whatever it is.",
        autocompletion=completion.formats,
    ),
]
List = Annotated[bool, typer.Option("--list", help="List the systems that can be imported.")]

_REASONS = {
    "unrecognised": ("document that no importer knows", "documents that no importer knows"),
    "broken": ("document that is no JSON, or cut off", "documents that are no JSON, or cut off"),
    "own_lines": ("line of voicetel's own, read without an import", "lines of voicetel's own, read without an import"),
}
"""Why documents gave nothing, in words, of one and of several."""

_FILES_NAMED = 10
"""Of more files than this with something to say the first ones are named, and the others counted."""


def import_(
    files: Files = None,
    *,
    folder: Folder = None,
    source: From = None,
    strict: Strict = False,
    list_sources: List = False,
    format_name: SummaryFormat = None,
    json: options.Json = False,
) -> None:
    """Import calls that other systems logged: Vapi, Retell, ElevenLabs, LiveKit, OpenTelemetry and more.

    What a file is, is told by what is in it. A call that is imported again is there once, in its newest delivery.
    """
    from voicetel.importers import (  # noqa: PLC0415  --help does without
        BY_NAME,
        import_files,
        importable_sources,
        summarised,
    )
    from voicetel.reporters.layouts.imports import import_document  # noqa: PLC0415

    target = output.target(format_name, as_json=json, path=None)
    if list_sources:
        output.write_report(find_report("import-list"), importable_sources(), target)
        return
    if not files:
        raise UsageError("an import needs files", hint="name exports or folders of them; --list says of which systems")
    name = None if source is None else check_choice(source, BY_NAME, "source")
    log_folder = _folder(folder)
    with LoadProgress() as progress:
        result = import_files(
            files,
            log_folder,
            source_name=name,
            start=progress.start,
            advance=progress.advance,
        )
    summary = summarised(result)
    _report_losses(summary)
    if not summary.calls:
        raise _nothing(files, result)
    output.write_report(
        find_report("import"), summary, target, document=lambda: import_document(summary, str(log_folder))
    )
    if strict and (passed_over := result.unrecognised.total() + result.broken.total()):
        documents = "1 document was" if passed_over == 1 else f"{passed_over:,} documents were"
        raise RefusedInputError(f"{documents} not read", hint="the warnings say in which files")


def _folder(named: str | None, env: Mapping[str, str] = os.environ) -> Path:
    folder = Path(named or env.get(logs.VARIABLE) or logs.DEFAULT)
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder}: not a folder", hint="-o names the folder of logs to write to")
    return folder


def _report_losses(summary: ImportSummary) -> None:
    """What could not be had, once per kind, and what was passed over, by file."""
    from voicetel.reporters.formatting import plural  # noqa: PLC0415  --help does without prices

    for loss in summary.losses:
        diagnostics.warn(f"{loss.source}: {loss.kind} ({loss.count:,})")
    for reason, what in _REASONS.items():
        passed_over = [each for each in summary.passed_over if each.reason == reason]
        for each in passed_over[:_FILES_NAMED]:
            diagnostics.warn(f"{'stdin' if each.file == '-' else each.file}: {plural(each.documents, *what)}")
        if others := passed_over[_FILES_NAMED:]:
            documents = sum(each.documents for each in others)
            diagnostics.warn(f"{plural(len(others), 'more file')}: {plural(documents, *what)}")


def _nothing(files: list[str], result: ImportResult) -> NoDataError:
    named = ", ".join(files)
    if result.own_lines and not (result.read or result.unrecognised or result.broken):
        logs_named = shlex.join(name for name in files if name != "-")
        return NoDataError(
            f"{named}: logs of voicetel's own already", hint=f"`voicetel analyze {logs_named or '-'}` reads them"
        )
    if result.read:
        return NoDataError(f"{named}: no calls in there that can be imported", hint="the warnings say why")
    return NoDataError(f"{named}: nothing that an importer knows", hint="`voicetel import --list` says what they know")
