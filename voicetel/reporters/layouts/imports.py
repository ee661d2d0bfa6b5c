"""``voicetel import``: what was imported, and what can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.reporters import formatting
from voicetel.reporters.document import Document, Section
from voicetel.reporters.table import Column, Table
from voicetel.results import CellFormat
from voicetel.text_safety import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicetel.importers.summary import ImportableSources, ImportSummary
    from voicetel.reporters.document import View


def import_document(summary: ImportSummary, folder: str) -> Document:
    """How many calls of each source there were, and what became of them."""
    headline = (
        visible(folder),
        formatting.plural(summary.calls, "call"),
        f"{formatting.plural(len(summary.files), 'file')} written",
    )
    return Document(headline, (Section(table=import_table(summary)),), tuple(_notes(summary)))


def _notes(summary: ImportSummary) -> Iterator[str]:
    """Why there are fewer calls than the table counts."""
    if summary.joined:
        records = formatting.plural(
            summary.joined, "record is part of another call", "records are parts of other calls"
        )
        yield f"{records}: the carrier's price and ending of a platform's call, or a further leg of a call."


def import_table(summary: ImportSummary) -> Table:
    """One line a source: calls that are new, that replaced an older delivery, that were there, that others have."""
    columns = (
        Column("source", "source"),
        Column("new", "new", CellFormat.COUNT),
        Column("replaced", "replaced", CellFormat.COUNT),
        Column("unchanged", "unchanged", CellFormat.COUNT),
        Column("left_out", "left out", CellFormat.COUNT),
    )
    rows = [(each.source, each.new, each.replaced, each.unchanged, each.left_out) for each in summary.sources]
    return Table(columns, rows)


def sources_document(listed: ImportableSources, view: View) -> Document:
    """What can be imported."""
    del view
    return Document(("Systems whose calls can be imported",), (Section(table=sources_table(listed)),))


def sources_table(listed: ImportableSources) -> Table:
    """One line a source: its name, the system, and what of it is read."""
    columns = (
        Column("source", "source"),
        Column("system", "system", wraps=True),
        Column("exports", "what is read", wraps=True),
    )
    return Table(columns, [(each.source, each.system, each.exports) for each in listed.sources])
