"""How values are distributed over bins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicetel.reporters.html.charts.plot import LEFT, Plot, percent, picture, tick, ticks
from voicetel.reporters.html.markup import Markup, element, join

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_TOP, _HEIGHT, _NAMES = 50, 180, 20
_LAST_PERCENT = 97


@dataclass(frozen=True, slots=True)
class Bin:
    """Values from ``low`` to below ``high``; ``n_slow`` of them are too slow and have another colour, ``title`` says it in words."""

    low: float
    high: float
    n: int
    title: str
    n_slow: int = 0


@dataclass(frozen=True, slots=True)
class Mark:
    """A value that a line and words point at. ``kind`` is its class."""

    value: float
    words: str
    kind: str


def histogram(
    bins: Sequence[Bin],
    marks: Sequence[Mark],
    *,
    label: str,
    write: Callable[[float], str],
    named: Sequence[float],
) -> Markup:
    """One bar for each bin, all of one width; ``named`` are the values that stand below. Nothing where there are no bins."""
    if not bins:
        return Markup()
    values = ticks(max(each.n for each in bins), is_whole=True)
    plot = Plot(len(bins), values[-1], _TOP, _HEIGHT)
    lines = sorted(marks, key=lambda mark: -mark.value)
    return picture(
        label,
        _TOP + _HEIGHT + _NAMES,
        plot.grid(values),
        (_bar(plot, column, each) for column, each in enumerate(bins)),
        plot.scale(values, write),
        (_mark(plot, bins, mark, _TOP - 8 - 14 * index) for index, mark in enumerate(lines)),
        (
            tick(
                write(each),
                x=percent(_x(plot, bins, each)),
                y=_TOP + _HEIGHT + 16,
                anchor=_anchor(_x(plot, bins, each)),
            )
            for each in named
            if bins[0].low <= each <= bins[-1].high
        ),
    )


def _anchor(x: float) -> str:
    """Where a name below the axis hangs, so that the last one ends with the picture."""
    return "end" if x > _LAST_PERCENT else "middle"


def _bar(plot: Plot, column: int, each: Bin) -> Iterator[Markup]:
    """What is too slow stands on top of what is not: a bin on both sides of the bound has both."""
    width = plot.column_width
    for n, below, is_slow in ((each.n - each.n_slow, 0, False), (each.n_slow, each.n - each.n_slow, True)):
        if n:
            yield element(
                "rect", element("title", each.title), class_="bar late" if is_slow else "bar", fill="#c9761a" if is_slow else "#7da0e6",
                x=percent(plot.x(column) - width * 0.46), width=percent(width * 0.92),
                y=plot.y(below + n), height=plot.height * n / plot.top,
            )  # fmt: skip


def _mark(plot: Plot, bins: Sequence[Bin], mark: Mark, y: float) -> Markup:
    x = _x(plot, bins, mark.value)
    is_far = x > 78
    return join(
        element(
            "line",
            class_=f"mark {mark.kind}",
            stroke="#1b2027",
            x1=percent(x),
            x2=percent(x),
            y1=y + 3,
            y2=_TOP + _HEIGHT,
        ),
        tick(
            mark.words,
            x=percent(x - 0.8 if is_far else x + 0.8),
            y=y,
            anchor="end" if is_far else None,
            class_=mark.kind,
        ),
    )


def _x(plot: Plot, bins: Sequence[Bin], value: float) -> float:
    """Where a value is, within its bin by its share of it, in %."""
    for column, each in enumerate(bins):
        if value < each.high:
            within = (value - each.low) / (each.high - each.low)
            return LEFT + plot.column_width * (column + min(max(within, 0.0), 1.0))
    return 100.0
