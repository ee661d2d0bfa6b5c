"""``voicetel simulate``: what was written."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from voicetel.reporters import formatting
from voicetel.reporters.document import Document, Section
from voicetel.reporters.table import Column, Table
from voicetel.results import CellFormat
from voicetel.text_safety import visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicetel.simulator import SimulationSummary

_COUNTS = ("events", "outcomes", "languages", "faults")
"""The parts of a summary that count by kind, in the order they are shown."""

_TITLES = {
    "events": "Events",
    "outcomes": "How calls really ended",
    "languages": "Languages",
    "faults": "Faults planted",
}

_NOTE = "How calls really ended is what was simulated; `voicetel outcomes` goes by what is in the log, and may know it of fewer."


def simulation_document(summary: SimulationSummary, folder: str) -> Document:
    """The size of the logs, and what is in them by kind."""
    headline = (
        visible(folder),
        formatting.plural(summary.files, "file"),
        formatting.size(summary.bytes),
        formatting.plural(summary.lines, "line"),
        formatting.plural(summary.calls, "call"),
        formatting.plural(summary.interruptions, "barge-in"),
    )
    sections = [
        Section(
            table=Table(
                (Column("kind", _TITLES[name]), Column("count", "count", CellFormat.COUNT)), list(counts.items())
            )
        )
        for name in _COUNTS
        if (counts := getattr(summary, name))
    ]
    beside = [Section(table=section.table, beside=index % 2 == 1) for index, section in enumerate(sections)]
    if summary.planted:
        beside.append(Section(table=_planted_table(summary)))
    return Document(headline, tuple(beside), (_NOTE,))


def _planted_table(summary: SimulationSummary) -> Table:
    """What was planted for reports to find: where and how much."""
    columns = (Column("kind", "Planted"), Column("where", "where"), Column("count", "how much"))
    rows = [
        (
            each.kind,
            _pairs(each.where),
            ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in each.counts.items()),
        )
        for each in summary.planted
    ]
    return Table(columns, rows)


def _pairs(values: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())


def simulation_table(summary: SimulationSummary) -> Table:
    """Every count of the summary on a line of its own."""
    columns = (Column("part", "part"), Column("kind", "kind"), Column("count", "count", CellFormat.COUNT))
    totals = [("total", name, value) for name, value in asdict(summary).items() if name not in (*_COUNTS, "planted")]
    planted = [
        (each.kind, name.replace("_", " "), count) for each in summary.planted for name, count in each.counts.items()
    ]
    counted = [(name, kind, count) for name in _COUNTS for kind, count in getattr(summary, name).items()]
    return Table(columns, totals + counted + planted)
