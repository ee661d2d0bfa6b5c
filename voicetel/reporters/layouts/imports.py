"""``voicetel import``: what was imported, and what can be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voicetel.reporters import formatting
from voicetel.reporters.document import Document, Section
from voicetel.reporters.json_report import SCHEMA_VERSION
from voicetel.reporters.table import Column, Table
from voicetel.reporters.text_safety import visible
from voicetel.results import CellFormat

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicetel.importers import ImportResult
    from voicetel.importers.source import Source

_COUNTS = ("new", "replaced", "unchanged", "left_out")


def import_document(result: ImportResult, folder: str) -> Document:
    """How many calls of each source there were, and what became of them."""
    headline = (
        visible(folder),
        formatting.plural(result.calls, "call"),
        f"{formatting.plural(len(result.written), 'file')} written",
    )
    return Document(headline, (Section(table=import_table(result)),))


def import_table(result: ImportResult) -> Table:
    """One line a source: calls that are new, that replaced an older delivery, that were there, that others have."""
    columns = (
        Column("source", "source"),
        Column("new", "new", CellFormat.COUNT),
        Column("replaced", "replaced", CellFormat.COUNT),
        Column("unchanged", "unchanged", CellFormat.COUNT),
        Column("left_out", "left out", CellFormat.COUNT),
    )
    return Table(columns, [(source, *counts.values()) for source, counts in _by_source(result).items()])


def import_json(result: ImportResult) -> dict[str, Any]:
    """The same as one object, with what was passed over and what was lost."""
    return {
        "schema_version": SCHEMA_VERSION,
        "calls": result.calls,
        "sources": _by_source(result),
        "files": [str(path) for path in result.written],
        "unrecognised": dict(result.unrecognised),
        "broken": dict(result.broken),
        "notes": {source: dict(notes.counts) for source, notes in result.notes.items() if notes.counts},
    }


def _by_source(result: ImportResult) -> dict[str, dict[str, int]]:
    merged = {name: getattr(result.merged, name) for name in _COUNTS}
    sources = sorted({source for counts in merged.values() for source in counts})
    return {source: {name: counts[source] for name, counts in merged.items()} for source in sources}


def sources_document(sources: Sequence[Source]) -> Document:
    """What can be imported."""
    return Document(("Systems whose calls can be imported",), (Section(table=sources_table(sources)),))


def sources_table(sources: Sequence[Source]) -> Table:
    """One line a source: its name, the system, and what of it is read."""
    columns = (Column("source", "source"), Column("system", "system"), Column("exports", "what is read"))
    return Table(columns, [(source.name, source.title, source.exports) for source in sources])


def sources_json(sources: Sequence[Source]) -> dict[str, Any]:
    """The same as one object."""
    listed = [{"source": each.name, "system": each.title, "exports": each.exports} for each in sources]
    return {"schema_version": SCHEMA_VERSION, "sources": listed}
