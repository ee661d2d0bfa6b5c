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
    from voicetel.simulator import SimulationSummary

_COUNTS = ("events", "outcomes", "languages", "faults")
"""The parts of a summary that count by kind, in the order they are shown."""

_TITLES = {"events": "Events", "outcomes": "How calls ended", "languages": "Languages", "faults": "Faults planted"}


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
    beside = (Section(table=section.table, beside=place % 2 == 1) for place, section in enumerate(sections))
    return Document(headline, tuple(beside))


def simulation_table(summary: SimulationSummary) -> Table:
    """Every count of the summary on a line of its own."""
    columns = (Column("part", "part"), Column("kind", "kind"), Column("count", "count", CellFormat.COUNT))
    totals = [("total", name, value) for name, value in asdict(summary).items() if name not in _COUNTS]
    counted = [(name, kind, count) for name in _COUNTS for kind, count in getattr(summary, name).items()]
    return Table(columns, totals + counted)
