"""Amounts over time, made up of parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.reporters.html.charts.colours import colour
from voicetel.reporters.html.charts.plot import Plot, percent, picture, ticks
from voicetel.reporters.html.markup import Markup, element

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_TOP, _HEIGHT, _NAMES = 16, 180, 20
_MIN_PX = 0.3


def stacked(
    names: Sequence[str],
    parts: Mapping[str, Sequence[float]],
    *,
    label: str,
    write: Callable[[float], str],
    title: Callable[[int, str], str],
) -> Markup:
    """A bar for each name. ``parts``: class → its amount in each bar, in the order of the stack; ``title`` says one in words."""
    sums = [sum(amounts[column] for amounts in parts.values()) for column in range(len(names))]
    values = ticks(max(sums, default=0))
    plot = Plot(len(names), values[-1], _TOP, _HEIGHT)
    return picture(
        label,
        _TOP + _HEIGHT + _NAMES,
        plot.grid(values),
        (_bar(plot, column, parts, title) for column in range(len(names))),
        plot.scale(values, write),
        plot.names(names, _TOP + _HEIGHT + 16),
    )


def _bar(
    plot: Plot, column: int, parts: Mapping[str, Sequence[float]], title: Callable[[int, str], str]
) -> Iterator[Markup]:
    below, width = 0.0, plot.column_width
    for name, amounts in parts.items():
        amount = amounts[column]
        if amount > 0:
            yield element(
                "rect", element("title", title(column, name)), class_=f"c-{name}", fill=colour(name),
                x=percent(plot.x(column) - width * 0.36), width=percent(width * 0.72),
                y=plot.y(below + amount), height=max(plot.height * amount / plot.top, _MIN_PX),
            )  # fmt: skip
        below += amount
