"""Two percentiles over time, with the number of values below them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from voicetel.reporters.html.charts.plot import LEFT, Plot, percent, picture, stretched, tick, ticks
from voicetel.reporters.html.markup import Markup, element, join

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_TOP, _HEIGHT, _GAP, _VOLUME, _NAMES = 16, 180, 24, 34, 20
_DOTS = 40
"""With more points than this there are lines alone."""

_ACROSS = 1000


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One bucket: its name below the chart (empty: none), how many values, and the two percentiles, None where unknown."""

    name: str
    n: int
    lower: float | None
    upper: float | None


@dataclass(frozen=True, slots=True)
class Bound:
    """A limit, drawn across with its words."""

    value: float
    words: str


def trend(
    points: Sequence[TrendPoint],
    *,
    label: str,
    write: Callable[[float], str],
    bounds: Sequence[Bound] = (),
    least: int = 20,
) -> Markup:
    """Lines for both percentiles, bars for how many values. Buckets of fewer than ``least`` are not joined, nor drawn."""
    drawn = [point if point.n >= least else TrendPoint(point.name, point.n, None, None) for point in points]
    highest = [each for point in drawn for each in (point.lower, point.upper) if each is not None]
    values = ticks(max([*highest, *(bound.value for bound in bounds), 1]) * 1.04, is_whole=True)
    plot = Plot(len(points), values[-1], _TOP, _HEIGHT)
    base = _TOP + _HEIGHT + _GAP
    return picture(
        label,
        base + _VOLUME + _NAMES,
        plot.grid(values),
        _volume(plot, points, base),
        (_bound(plot, bound) for bound in bounds),
        (_line(plot, [getattr(point, name) for point in drawn], name) for name in ("lower", "upper")),
        plot.scale(values, write),
        (_bound_words(plot, bound, bounds) for bound in bounds),
        plot.names([point.name for point in points], base + _VOLUME + 15),
        element("line", class_="hair", x1="0", x2="0", y1=_TOP, y2=base + _VOLUME, display="none"),
        class_="chart trend",
    )


def _volume(plot: Plot, points: Sequence[TrendPoint], base: float) -> Markup:
    most = max((point.n for point in points), default=0) or 1
    width = plot.column_width
    bars = (
        element(
            "rect", class_="volume", fill="#dde2e8", x=percent(plot.x(column) - width * 0.4), width=percent(width * 0.8),
            y=base + _VOLUME * (1 - point.n / most), height=_VOLUME * point.n / most,
        )
        for column, point in enumerate(points)
        if point.n
    )  # fmt: skip
    return join(bars, tick(f"n {most:,}", x="0", y=base - 2))


def _bound(plot: Plot, bound: Bound) -> Markup:
    y = plot.y(bound.value)
    return element(
        "line", class_="bound", stroke="#b3261e", stroke_dasharray="4 4", x1=percent(LEFT), x2="100%", y1=y, y2=y
    )


def _bound_words(plot: Plot, bound: Bound, bounds: Sequence[Bound]) -> Markup:
    """The words of a limit, over all that is drawn: above its line, or below it where another limit is close above."""
    y = plot.y(bound.value)
    is_below = any(0 < y - plot.y(other.value) < _LINE_OF_WORDS for other in bounds)
    return tick(bound.words, x="100%", y=y + 13 if is_below else y - 4, anchor="end", class_="bound-words")


def _line(plot: Plot, values: Sequence[float | None], name: str) -> Markup:
    dots: Iterator[Markup] = (
        element("circle", class_=f"dot {name}", cx=percent(plot.x(column)), cy=plot.y(value), r=2.6)
        for column, value in enumerate(values)
        if value is not None
    )
    paths = [
        _path(plot, list(run)) for known, run in groupby(enumerate(values), lambda each: each[1] is not None) if known
    ]
    line = element(
        "path", class_=f"line {name}", stroke=_STROKES[name], vector_effect="non-scaling-stroke", d=" ".join(paths)
    )
    return join(
        stretched(_ACROSS, _TOP + _HEIGHT, line, x=percent(LEFT), across=percent(100 - LEFT)) if paths else None,
        dots if len(values) <= _DOTS else None,
    )


_LINE_OF_WORDS = 26
_STROKES = {"lower": "#1f5fd6", "upper": "#c9761a"}


def _path(plot: Plot, run: Sequence[tuple[int, float | None]]) -> str:
    across = _ACROSS / plot.columns
    return "M" + "L".join(f"{across * (column + 0.5):.1f},{plot.y(value or 0):.1f}" for column, value in run)
