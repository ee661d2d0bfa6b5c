"""Figures of a page as text. ``formatting`` writes them all; here is only what a page says of those that are not known."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from voicetel.reporters import formatting
from voicetel.reporters.html.markup import Markup, element

if TYPE_CHECKING:
    from datetime import datetime, tzinfo
    from decimal import Decimal

    from voicetel.reporters.html.markup import Child


def count(value: int | Decimal | None) -> str:
    """A number of things: 12,345."""
    return formatting.NOT_AVAILABLE if value is None else formatting.count(value)


def whole(value: float | Decimal | None) -> str:
    """Milliseconds, or another figure that is shown to the unit: 1,234."""
    return formatting.NOT_AVAILABLE if value is None else formatting.rounded(value, 0)


def share(value: float | None) -> str:
    """A share from 0 to 1 as 4.2 %."""
    return formatting.NOT_AVAILABLE if value is None else formatting.percent(value)


def ratio(part: float | Decimal | None, whole: float | Decimal | None) -> float | None:
    """``part`` ÷ ``whole``; None where either is unknown, or there is no whole."""
    return None if part is None or not whole else float(part) / float(whole)


def share_of(part: float | Decimal | None, whole: float | Decimal | None) -> str:
    """``part`` ÷ ``whole`` as 4.2 %."""
    return share(ratio(part, whole))


def money(value: Decimal | None, places: int = formatting.MONEY_PLACES) -> str:
    """An amount."""
    return formatting.NOT_AVAILABLE if value is None else formatting.money(value, places)


def seconds(value: float | Decimal | None) -> str:
    """Seconds to a tenth."""
    return formatting.NOT_AVAILABLE if value is None else formatting.rounded(value, 1)


def amount_tick(value: float) -> str:
    """An amount beside an axis: whole where it is large, two figures that differ where it is small."""
    if value >= 10 or not value:
        return formatting.rounded(value, 0)
    return formatting.rounded(
        value, 2 if value >= 0.1 else max(formatting.MONEY_PLACES, 1 - math.floor(math.log10(value)))
    )


def minute(value: datetime, zone: tzinfo) -> str:
    """A time to the minute: 2026-11-02 09:00."""
    return f"{formatting.in_zone(value, zone):%Y-%m-%d %H:%M}"


def number_cell(value: Child, figure: str | None = None, *, is_minor: bool = False) -> Markup:
    """A cell with a number. ``figure`` says which one of the answer it is: ``latency.eou_latency_ms.p50``.

    A minor one is not shown on narrow screens.
    """
    return element("td", value, class_="num minor" if is_minor else "num", data_figure=figure)
