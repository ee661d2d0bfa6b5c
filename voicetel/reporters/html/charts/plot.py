"""What the charts share: the picture, its scale, and the marks on both axes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicetel.reporters.html.markup import Markup, element, join

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from voicetel.reporters.html.markup import Child

LEFT = 4.0
"""Where a plot begins, in % of the width: what is before it belongs to the figures of the axis."""

TICK_SIZE = "11"
WIDE_LABELS, NARROW_LABELS = 14, 4
"""How many names fit below a chart."""


def ticks(top: float, number: int = 4, *, is_whole: bool = False) -> list[float]:
    """Round values from 0 to at least ``top``, about ``number`` steps. ``is_whole``: no values between whole numbers."""
    if top <= 0:
        return [0.0, 1.0]
    raw = max(top / number, 1.0) if is_whole else top / number
    magnitude = 10.0 ** math.floor(math.log10(raw))
    steps = (each * magnitude for each in (1, 2, 2.5, 5, 10) if not is_whole or (each * magnitude).is_integer())
    step = next(each for each in steps if each >= raw * 0.999999)
    return [index * step for index in range(math.ceil(top / step - 1e-9) + 1)]


@dataclass(frozen=True, slots=True)
class Plot:
    """The plane of a chart: ``columns`` side by side in % of the width, values from 0 to ``top`` in pixels of height."""

    columns: int
    top: float
    offset: float
    height: float

    @property
    def column_width(self) -> float:
        """In % of the width."""
        return (100 - LEFT) / max(self.columns, 1)

    def x(self, column: float) -> float:
        """Where the middle of a column is, in %."""
        return LEFT + self.column_width * (column + 0.5)

    def y(self, value: float) -> float:
        """Where a value is, in pixels from the top."""
        return self.offset + self.height * (1 - value / self.top)

    def grid(self, values: Sequence[float]) -> Markup:
        """A line across for each value."""
        return join(
            element("line", class_="grid-line", stroke="#dddddd", x1="0", x2="100%", y1=self.y(each), y2=self.y(each))
            for each in values
        )

    def scale(self, values: Sequence[float], write: Callable[[float], str]) -> Markup:
        """The figure of each line, above it at the left: drawn last, so that no bar and no line hides it."""
        return join(tick(write(each), x="0", y=self.y(each) - 3) for each in values)

    def names(self, labels: Sequence[str], y: float) -> Iterator[Markup]:
        """The names of columns, as many as fit. Those that have no room on a narrow screen are marked; empty ones are left out."""
        named = [column for column, label in enumerate(labels) if label]
        every = max(1, math.ceil(len(named) / WIDE_LABELS))
        sparse = max(1, math.ceil(len(named[::every]) / NARROW_LABELS))
        for index, column in enumerate(named[::every]):
            yield tick(labels[column], x=percent(self.x(column)), y=y, anchor="middle", is_minor=index % sparse > 0)


def tick(
    label: str, *, x: str, y: float, anchor: str | None = None, is_minor: bool = False, class_: str = ""
) -> Markup:
    """A word or figure in a chart. A minor one is not shown where there is little room."""
    kind = " ".join(each for each in ("tick", class_, "minor" if is_minor else "") if each)
    return element("text", label, class_=kind, font_size=TICK_SIZE, text_anchor=anchor, x=x, y=y)


def picture(label: str, height: float, *children: Child, class_: str = "chart") -> Markup:
    """A picture as wide as there is room, with words for those who do not see it."""
    return element(
        "svg", *children, class_=class_, width="100%", height=height, fill="#7a8796", role="img", aria_label=label
    )


def stretched(
    width: float, height: float, *children: Child, x: str = "0", across: str = "100%", y: float = 0
) -> Markup:
    """A picture within one, pulled as wide as ``across``: for lines, whose places cannot be shares."""
    return element(
        "svg", *children, x=x, y=y, width=across, height=height,
        viewBox=f"0 0 {width:g} {height:g}", preserveAspectRatio="none", fill="none",
    )  # fmt: skip


def percent(value: float) -> str:
    """A place or a width as a share of the picture's."""
    written = f"{value:.3f}".rstrip("0").rstrip(".")
    return f"{written}%"
