"""``voicetel import``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voicetel.cli import diagnostics, logs, output
from voicetel.cli.options import declared as options
from voicetel.cli.options.choices import chosen
from voicetel.errors import NoDataError, RefusedInputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicetel.importers import ImportResult

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
List = Annotated[bool, typer.Option("--list", help="List the systems that can be imported.")]

_FILES_NAMED = 10
"""Of more files than this with something to say the first ones are named, and the others counted."""


def import_(
    files: Files = None,
    *,
    folder: Folder = None,
    source: From = None,
    strict: Strict = False,
    list_sources: List = False,
    format_name: options.FormatName = None,
    json: options.Json = False,
) -> None:
    """Import calls that other systems logged: Vapi, Retell, ElevenLabs, LiveKit, OpenTelemetry and more.

    What a file is, is told by what is in it. A call that is imported again is there once, in its newest delivery.
    """
    from voicetel.importers import BY_NAME, SOURCES, import_files  # noqa: PLC0415  --help does without
    from voicetel.reporters import csv_rows, json_report  # noqa: PLC0415
    from voicetel.reporters.layouts import imports  # noqa: PLC0415

    target = output.target(format_name, as_json=json, path=None)
    if list_sources:
        output.write(
            output.Answer(
                document=lambda: imports.sources_document(SOURCES),
                json=lambda: [json_report.json_text(imports.sources_json(SOURCES))],
                csv=lambda: csv_rows.table_csv(imports.sources_table(SOURCES)),
            ),
            target,
        )
        return
    if not files:
        raise UsageError("an import needs files", hint="name exports or folders of them; --list says of which systems")
    name = None if source is None else chosen(source, BY_NAME, "source")
    where = _folder(folder)
    with diagnostics.LoadProgress() as progress:
        result = import_files(
            files,
            where,
            source_name=name,
            stdin=sys.stdin.buffer,
            start=progress.start,
            advance=progress.advance,
        )
    _report_losses(result)
    if not result.calls:
        raise _nothing(files, result)
    answer = output.Answer(
        document=lambda: imports.import_document(result, str(where)),
        json=lambda: [json_report.json_text(imports.import_json(result))],
        csv=lambda: csv_rows.table_csv(imports.import_table(result)),
    )
    output.write(answer, target)
    if strict and (passed_over := result.unrecognised.total() + result.broken.total()):
        documents = "1 document was" if passed_over == 1 else f"{passed_over:,} documents were"
        raise RefusedInputError(f"{documents} not read", hint="the warnings say in which files")


def _folder(named: str | None, env: Mapping[str, str] = os.environ) -> Path:
    folder = Path(named or env.get(logs.VARIABLE) or logs.DEFAULT)
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder}: not a folder", hint="-o names the folder of logs to write to")
    return folder


def _report_losses(result: ImportResult) -> None:
    """What could not be had, once per kind, and what was passed over, by file."""
    for source, notes in result.notes.items():
        for kind, count in sorted(notes.counts.items()):
            diagnostics.warn(f"{source}: {kind} ({count:,})")
    _report_files(result.unrecognised, "that no importer knows")
    _report_files(result.broken, "that are no JSON, or cut off")
    _report_files(result.own_lines, "that are voicetel's own lines, which are read without an import")


def _report_files(counts: Mapping[str, int], what: str) -> None:
    named = sorted(counts.items())
    for file, count in named[:_FILES_NAMED]:
        diagnostics.warn(f"{'stdin' if file == '-' else file}: {count:,} {what}")
    if others := named[_FILES_NAMED:]:
        diagnostics.warn(f"{len(others):,} more files: {sum(count for _, count in others):,} {what}")


def _nothing(files: list[str], result: ImportResult) -> NoDataError:
    where = ", ".join(files)
    if result.read:
        return NoDataError(f"{where}: no calls in there that can be imported", hint="the warnings say why")
    return NoDataError(f"{where}: nothing that an importer knows", hint="`voicetel import --list` says what they know")
