"""One result in the format that was asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Any

from voicetel.cli import diagnostics
from voicetel.cli.output.targets import Format, Target
from voicetel.cli.output.texts import note_written, replaced_file, stdout, terminal, write
from voicetel.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import pyarrow as pa

    from voicetel.analyzers.calls.call_rows_file import CallRowsFile
    from voicetel.registry import Report
    from voicetel.reporters.document import Document


@dataclass(frozen=True, slots=True)
class Answer:
    """One result in every format. Only what is asked for is made.

    ``lines`` is the table's place where the answer is a list of lines and no document. ``arrow`` is None where the answer has no rows,
    ``json_lines`` where its JSON is no list of rows. ``rate_notes`` are sentences on rates far off their list price, which stand in the
    answer but where it has rows alone.
    """

    document: Callable[[], Document]
    json: Callable[[], Iterable[str]]
    csv: Callable[[], Iterable[str]]
    lines: Callable[[], Iterable[str]] | None = None
    arrow: Callable[[], pa.Table | CallRowsFile] | None = None
    json_lines: Callable[[], Iterable[str]] | None = None
    rate_notes: Sequence[str] = ()

    def has_rows_alone(self, form: Format) -> bool:
        """Whether there is no place for a sentence beside the rows."""
        return form in {Format.CSV, Format.PARQUET, Format.JSONL} or (form is Format.JSON and bool(self.json_lines))


def write_answer(answer: Answer, target: Target) -> None:
    """Write an answer in the format that was asked for."""
    match target.format:
        case Format.JSON:
            write(answer.json(), target)
        case Format.CSV:
            write(answer.csv(), target)
        case Format.MD:
            from voicetel.reporters.markdown import markdown_lines  # noqa: PLC0415  each format loads its own

            write((f"{line}\n" for line in markdown_lines(answer.document())), target)
        case Format.HTML:
            from voicetel.reporters.html.page import html_lines  # noqa: PLC0415  each format loads its own

            write((f"{line}\n" for line in html_lines(answer.document())), target)
        case Format.PARQUET:
            _write_parquet(answer, target)
        case Format.JSONL if answer.json_lines:
            write(answer.json_lines(), target)
        case Format.TABLE if answer.lines:
            from voicetel.reporters.terminal.fit import wrapped  # noqa: PLC0415  each format loads its own

            write((f"{line}\n" for text in answer.lines() for line in wrapped(text, target.width)), target)
        case Format.TABLE:
            _write_table(answer.document(), target)
    if answer.has_rows_alone(target.format):
        for sentence in answer.rate_notes:
            diagnostics.warn(sentence)


def write_report(
    report: Report,
    result: Any,
    target: Target,
    zone: tzinfo = UTC,
    *,
    document: Callable[[], Document] | None = None,
    lines: Callable[[], Iterable[str]] | None = None,
    notes: Sequence[str] = (),
) -> None:
    """Write the answer of a report as its registry entry says; ``document`` and ``lines`` take the place of its layout.

    ``notes``: what people are told beside it, at the foot.
    """
    from voicetel.reporters.document import View  # noqa: PLC0415  each format loads its own
    from voicetel.reporters.json_text import json_text  # noqa: PLC0415

    def laid_out() -> Document:
        found = document() if document else report.document(result, View(zone, target.width))
        return replace(found, notes=(*found.notes, *notes))

    answer = Answer(
        document=laid_out,
        json=lambda: [json_text(report.json(result))],
        csv=lambda: report.csv(result),
        lines=lines,
        arrow=lambda: report.arrow(result),
        rate_notes=getattr(result, "rate_notes", ()),
    )
    write_answer(answer, target)
    if target.format is Format.CSV:  # it has rows alone
        for sentence in getattr(result, "notes", ()):
            diagnostics.note(sentence)


def _write_parquet(answer: Answer, target: Target) -> None:
    if answer.arrow is None or target.path is None:
        raise UsageError("this answer has no rows for Parquet", hint="it is written as table, json or md")
    import pyarrow as pa  # noqa: PLC0415  each format loads its own
    import pyarrow.parquet as pq  # noqa: PLC0415

    table = answer.arrow()
    with (
        replaced_file(target.path, is_private=target.is_private) as file,
        pq.ParquetWriter(file, table.schema) as writer,
    ):
        for rows in [table] if isinstance(table, pa.Table) else table.tables():
            writer.write_table(rows)
    note_written(target.path)


def _write_table(document: Document, target: Target) -> None:
    from voicetel.reporters.terminal.lines import terminal_lines  # noqa: PLC0415  each format loads its own

    if not target.is_terminal:
        write((f"{line.plain}\n" for line in terminal_lines(document, None)), target)
        return
    with stdout() as stream:
        console = terminal(stream)
        for line in terminal_lines(document, console.width):
            console.print(line, soft_wrap=True)
