"""A store in which calls have been selected: what every analyzer reads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from voicetel.results import Group

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import duckdb

    from voicetel.analyzers.core.selection import Selection

Figures = TypeVar("Figures")

_WITHOUT_PARTS = "(SELECT * REPLACE (CAST(NULL AS INTEGER) AS part) FROM selected_calls)"
_GROUPS = re.compile(r"\{groups:?([^}]*)\}")


@dataclass(frozen=True, slots=True)
class AnalysisContext:
    """A store on whose connection the temporary relations that analyzers read have been made.

    ``selected_calls`` has one row per selected call: the columns of ``calls``, ``state`` (ended, in_progress, incomplete)
    and ``part``, the number of its group. ``parts`` are the groups' values in the order
    of their numbers, along ``by``; one group with no values where nothing was asked for. ``everything`` says that no
    call was left out, so that relations need not be held against the selected calls.
    """

    connection: duckdb.DuckDBPyConnection
    selection: Selection
    parts: tuple[tuple[str | None, ...], ...]
    everything: bool

    def groups(self, found: Mapping[int | None, Figures]) -> tuple[Group[Figures], ...]:
        """What was found for each group, by its number, in their order; nothing where none were asked for."""
        if not self.selection.by:
            return ()
        return tuple(
            Group(dict(zip(self.selection.by, key, strict=True)), found[number])
            for number, key in enumerate(self.parts)
        )

    def rows(self, text: str, **values: object) -> list[tuple[Any, ...]]:
        """Run the text of a .sql file; see ``filled``."""
        return self.sql(self.filled(text), **values)

    def sql(self, text: str, **values: object) -> list[tuple[Any, ...]]:
        """Run SQL with bound values."""
        return self.connection.execute(text, values or None).fetchall()

    def collect(self, table: str, text: str, *, first: bool, **values: object) -> None:
        """Make the temporary table ``table`` of the rows of a query, or add them to it where they are not the first."""
        into = f"CREATE OR REPLACE TEMP TABLE {table} AS" if first else f"INSERT INTO {table}"
        self.sql(f"{into}\n{self.filled(text)}", **values)

    def filled(self, text: str) -> str:
        """SQL with the selection put in.

        ``{turns}``, ``{usage}`` and ``{selected_calls}`` become the rows of the selected calls with the ``part`` of each; ``{groups: a, b}``
        becomes the clause that gives a row per group and (a, b), and one per (a, b) over all groups, whose part is NULL.
        Without groups there is only the latter, and part is NULL throughout; ``{part}`` is how a query without a, b has to
        ask for it.
        """
        for relation in ("turns", "usage"):
            text = text.replace(f"{{{relation}}}", self._of(relation))
        text = text.replace("{selected_calls}", "selected_calls" if self.selection.by else _WITHOUT_PARTS)
        text = text.replace("{part}", "part" if self.selection.by else "any_value(part)")
        return _GROUPS.sub(
            lambda found: self._grouped([name.strip() for name in found[1].split(",") if name.strip()]), text
        )

    def _of(self, relation: str) -> str:
        if self.selection.by:
            return f"(SELECT {relation}.*, part FROM {relation} JOIN selected_calls USING (call_id))"
        chosen = "" if self.everything else " SEMI JOIN selected_calls USING (call_id)"
        return f"(SELECT {relation}.*, CAST(NULL AS INTEGER) AS part FROM {relation}{chosen})"

    def _grouped(self, columns: Sequence[str]) -> str:
        if self.selection.by:
            names = ", ".join(columns)
            return f"GROUP BY GROUPING SETS (({', '.join(['part', *columns])}), ({names}))"
        return f"GROUP BY {', '.join(['part', *columns])}" if columns else ""
