"""What an export did, as people and as programs read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Final

from voicetel.results import figure, result

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(slots=True)
class TableSummary:
    """Rows of one table.

    ``unchanged`` are those that were as they should be already, ``not_taken`` those that a trigger or rule, which the
    table's owner has made, kept out.
    """

    unchanged: int
    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    not_taken: int = 0

    def add(self, inserted: int, updated: int, deleted: int = 0, not_taken: int = 0) -> None:
        """Count rows that were thought to be unchanged as written."""
        self.inserted += inserted
        self.updated += updated
        self.deleted += deleted
        self.not_taken += not_taken
        self.unchanged -= inserted + updated + not_taken


@dataclass(slots=True)
class ExportSummary:
    """Rows of every table by its name, and ``kept_calls``: left alone, because the logs no longer have their beginning."""

    tables: dict[str, TableSummary] = field(default_factory=dict)
    kept_calls: int = 0

    def extend(self, other: ExportSummary) -> None:
        """Count what another part of the export did, too."""
        for name, table in other.tables.items():
            known = self.tables.setdefault(name, TableSummary(0))
            known.unchanged += table.unchanged
            known.inserted += table.inserted
            known.updated += table.updated
            known.deleted += table.deleted
            known.not_taken += table.not_taken
        self.kept_calls += other.kept_calls


_FOLDERS: Final = ("parquet", "csv")
"""Destinations that are written anew each time: every row is, whatever stood there."""

_ROWS: Final = {"call_metrics": "call", "call_logs": "turn", "operations": "operation"}
"""What a row of a table is."""


def summary_lines(done: Mapping[str, ExportSummary]) -> Iterator[str]:
    """One line per destination and table."""
    for destination, summary in done.items():
        for name, table in summary.tables.items():
            if destination in _FOLDERS:
                rows = _ROWS.get(name, "row")
                yield f"{destination}: {name}: {table.inserted:,} {rows if table.inserted == 1 else f'{rows}s'} written"
                continue
            counts = f"{table.inserted:,} inserted, {table.updated:,} updated, {table.unchanged:,} unchanged"
            deleted = f", {table.deleted:,} deleted" if table.deleted else ""
            refused = f", {table.not_taken:,} not taken by the table's triggers or rules" if table.not_taken else ""
            yield f"{destination}: {name}: {counts}{deleted}{refused}"
        if summary.kept_calls:
            yield f"{destination}: {summary.kept_calls:,} calls kept as they are: the logs no longer have their beginning"


@result
class WrittenRows:
    """Rows of one table."""

    unchanged: int = figure("As they should be already.")
    inserted: int = figure("New. Of a folder, which is written anew each time: all.")
    updated: int = figure("Changed.")
    deleted: int = figure("No longer in the logs.")
    not_taken: int = figure("Kept out by a trigger or rule that the table's owner has made.")


@result
class Written:
    """What was written to one destination."""

    tables: Mapping[str, WrittenRows] = figure("Rows by table.")
    kept_calls: int = figure("Calls left alone: the logs no longer have their beginning.")


@result
class ExportAnswer:
    """``voicetel export --json``: one member for each destination that was written to."""

    destinations: Mapping[str, Written] = figure(
        "What was written.", keys=("pg", "parquet", "csv"), keys_optional=True, inline=True
    )


def export_answer(done: Mapping[str, ExportSummary]) -> ExportAnswer:
    """Destination → its tables and ``kept_calls``."""
    return ExportAnswer(
        {
            destination: Written(
                {name: WrittenRows(**asdict(table)) for name, table in summary.tables.items()}, summary.kept_calls
            )
            for destination, summary in done.items()
        }
    )
