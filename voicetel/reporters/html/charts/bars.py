"""Small pictures that stand in a table or beside a figure, where the figures themselves say what they show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicetel.reporters.html.charts.colours import colour
from voicetel.reporters.html.charts.plot import percent
from voicetel.reporters.html.markup import Markup, element

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicetel.reporters.html.markup import Child

_SPARK_ACROSS, _SPARK_HEIGHT = 120, 28
_EDGE = 3


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole: the class that fills it, how much, and its words."""

    name: str
    amount: float
    title: str


def spark(values: Sequence[float | None]) -> Markup:
    """A line over time from 0 up, so that a steady figure looks steady. Nothing for fewer than two values."""
    known = [(index, value) for index, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return Markup()
    top = max(value for _, value in known) or 1
    across = (_SPARK_ACROSS - 2) / (len(values) - 1)
    points = [(1 + across * index, _SPARK_HEIGHT - 1 - (_SPARK_HEIGHT - 4) * value / top) for index, value in known]
    line = "L".join(f"{x:.1f},{y:.1f}" for x, y in points)
    under = f"M{points[0][0]:.1f},{_SPARK_HEIGHT}L{line}L{points[-1][0]:.1f},{_SPARK_HEIGHT}Z"
    return element(
        "svg",
        element("path", class_="under", d=under),
        element("path", class_="line", fill="none", stroke="#1f5fd6", vector_effect="non-scaling-stroke", d=f"M{line}"),
        class_="spark", width="100%", height=_SPARK_HEIGHT, fill="#dfe6f2", viewBox=f"0 0 {_SPARK_ACROSS} {_SPARK_HEIGHT}",
        preserveAspectRatio="none", aria_hidden="true",
    )  # fmt: skip


def span(median: float, upper: float, furthest: float, top: float, name: str) -> Markup:
    """A bar from 0 to ``upper`` with the median marked, and a line on to ``furthest``; ``top`` is the whole width."""

    def x(value: float) -> str:
        return percent(99 * min(value, top) / top if top else 0)

    return _small(
        18,
        element("line", class_="whisker", stroke="#1b2027", x1=x(upper), x2=x(furthest), y1=9, y2=9),
        element("rect", class_=f"c-{name}", fill=colour(name), x="0", width=x(upper), y=4, height=10),
        element("line", class_="median", stroke="#1b2027", x1=x(median), x2=x(median), y1=2, y2=16),
    )


def shares(parts: Sequence[Share]) -> Markup:
    """A bar of 100 % in parts."""
    total = sum(part.amount for part in parts)
    bars, before = [], 0.0
    for part in parts:
        if total and part.amount:
            width = 100 * part.amount / total
            bars.append(
                element(
                    "rect", element("title", part.title), class_=f"c-{part.name}", fill=colour(part.name),
                    x=percent(before), width=percent(width), y=0, height=12,
                )
            )  # fmt: skip
            before += width
    return _small(12, *bars)


def bar(part: float, whole: float, name: str) -> Markup:
    """One amount of a whole."""
    return _small(
        14,
        element("rect", class_="track", fill="#eeeeee", width="100%", height=14),
        element(
            "rect", class_=f"c-{name}", fill=colour(name), width=percent(100 * part / whole if whole else 0), height=14
        ),
    )


def interval(low: float, value: float, high: float, floor: float) -> Markup:
    """A share with where it may lie, on a scale from ``floor`` to 1."""

    def x(each: float) -> str:
        return percent(_EDGE + (100 - 2 * _EDGE) * (max(each, floor) - floor) / (1 - floor))

    return _small(
        12,
        element("line", class_="track-line", stroke="#dddddd", x1="0", x2="100%", y1=6, y2=6),
        element("line", class_="whisker", stroke="#1b2027", x1=x(low), x2=x(high), y1=6, y2=6),
        element("circle", class_="c-success", fill=colour("success"), cx=x(value), cy=6, r=3),
    )


def _small(height: float, *children: Child) -> Markup:
    return element("svg", *children, class_="small", width="100%", height=height, fill="#7a8796", aria_hidden="true")
