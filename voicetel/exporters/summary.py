"""What an export did."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class TableSummary:
    """Rows of one table. ``unchanged`` are those that were as they should be already."""

    unchanged: int
    inserted: int = 0
    updated: int = 0
    deleted: int = 0

    def add(self, inserted: int, updated: int, deleted: int = 0) -> None:
        """Count rows that were thought to be unchanged as written."""
        self.inserted += inserted
        self.updated += updated
        self.deleted += deleted
        self.unchanged -= inserted + updated


@dataclass(slots=True)
class ExportSummary:
    """Rows of every table by its name, and ``kept_calls``: left alone, because the logs no longer have their beginning."""

    tables: dict[str, TableSummary] = field(default_factory=dict)
    kept_calls: int = 0
