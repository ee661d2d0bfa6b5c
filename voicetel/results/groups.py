"""What answers have in common: figures over all calls and over each group of them, or a table with a row per key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar

from voicetel.results.figure import figure, result

Figures = TypeVar("Figures")


@result
class Group(Generic[Figures]):
    """The figures of one group of calls."""

    group: Mapping[str, str | None] = figure("Dimension → value.")
    figures: Figures = figure(inline=True)


@result
class Grouped(Generic[Figures]):
    """Figures over all calls and, where groups were asked for, over each group, in the order of their values."""

    total: Figures = figure(inline=True)
    groups: tuple[Group[Figures], ...] = figure("With --by: one per group.", default=(), omit_if_empty=True)


@result
class ResultRow(Generic[Figures]):
    """The figures of one row of a table. ``key`` has the values of what the table is grouped by."""

    key: Mapping[str, str | None] = figure("One member for each dimension of --by.", inline=True)
    figures: Figures = figure(inline=True)


@result
class ResultTable(Generic[Figures]):
    """A table: one row per key, in an order that its report states. JSON calls its rows ``lines``."""

    by: tuple[str, ...] = figure("What the lines are grouped by.")
    lines: tuple[ResultRow[Figures], ...] = figure("One per group and key.", rows=True)
    notes: tuple[str, ...] = figure("What the lines leave out.", default=(), omit_if_empty=True)
    rate_notes: tuple[str, ...] = figure(
        "Rates far off their list price, where the lines have amounts.", default=(), omit_if_empty=True
    )
