"""Numbers as people read them: rounded half up, thousands apart, never cut.

A value that is unknown is ``n/a``: no NaN, and no 0 that nobody measured.
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING

from voicetel.pricing.money import round_half_up

if TYPE_CHECKING:
    from collections.abc import Callable

NOT_AVAILABLE = "n/a"

MONEY_PLACES = 4

BLOCKS = "▁▂▃▄▅▆▇█"


def count(value: int | Decimal) -> str:
    """A number of things: 12,345."""
    return f"{value:,}"


def rounded(value: float | Decimal, places: int) -> str:
    """A number to ``places`` decimal places: 1,234.5. What rounds to zero has no sign."""
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    return f"{round_half_up(exact, places):z,f}"


def quantity(value: Decimal, places: int = 3) -> str:
    """An amount that may have a fraction, to at most ``places`` places: 12,345 or 1,234.5."""
    text = rounded(value, places)
    return text.rstrip("0").rstrip(".") if "." in text else text


def mean(value: Decimal) -> str:
    """A mean or a rate of counts, to at most one place: 139.3; below one to two digits: 0.043."""
    return quantity(value, max(1, 1 - value.adjusted()) if value else 1)


def money(value: Decimal, places: int = MONEY_PLACES) -> str:
    """An amount of money to four places: 0.2580. What is not zero is not shown as zero, but to two digits: 0.000043."""
    if value and not round_half_up(value, places):
        places = 1 - value.adjusted()
    return rounded(value, places)


def percent(value: float) -> str:
    """A share from 0 to 1 as 4.2 %."""
    return f"{rounded(Decimal(repr(value)) * 100, 1)} %"


def length_of_time(seconds: Decimal) -> str:
    """Seconds in the unit that reads best: 48 s, 12.5 min, 1.9 h."""
    if seconds < 60:
        return f"{quantity(seconds, 1)} s"
    if seconds < 3600:
        return f"{rounded(seconds / 60, 1)} min"
    return f"{rounded(seconds / 3600, 1)} h"


def size(bytes_: int) -> str:
    """A number of bytes: 812 bytes, 1.5 MB."""
    for unit, factor in (("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1000)):
        if bytes_ >= factor:
            return f"{rounded(Decimal(bytes_) / factor, 1)} {unit}"
    return plural(bytes_, "byte")


def plural(number: int, one: str, many: str = "") -> str:
    """``number`` with its noun: 1 call, 2 calls."""
    return f"{count(number)} {one if number == 1 else many or f'{one}s'}"


def zone_name(zone: tzinfo) -> str:
    """A zone as people read it, whatever its clock shows at some moment: UTC, Europe/Berlin."""
    return zone.tzname(None) or str(zone)


def moment(value: datetime, zone: tzinfo = UTC) -> str:
    """A moment to the second: 2026-11-02 09:00:00."""
    return f"{in_zone(value, zone):%Y-%m-%d %H:%M:%S}"


def month_name(day: datetime) -> str:
    """Its month, short: Nov."""
    return f"{day:%b}"


def period(first: datetime, last: datetime, zone: tzinfo = UTC, month: Callable[[datetime], str] = month_name) -> str:
    """The days from one moment to another: 2 – 6 Nov 2026 UTC. ``month`` names the month of a day."""
    begin, end = in_zone(first, zone), in_zone(last, zone)
    until = f"{end.day} {month(end)} {end.year} {end.tzname()}"
    if begin.date() == end.date():
        return until
    if begin.year != end.year:
        return f"{begin.day} {month(begin)} {begin.year} – {until}"
    return f"{begin.day} – {until}" if begin.month == end.month else f"{begin.day} {month(begin)} – {until}"


def in_zone(value: datetime, zone: tzinfo) -> datetime:
    """A moment in a zone. One without a zone of its own is UTC, as analyzers give it."""
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(zone)


def blocks(counts: tuple[int, ...]) -> str:
    """A histogram in one line: the highest block is the highest count, a blank is none."""
    top = max(counts, default=0)
    return "".join(BLOCKS[-(-each * len(BLOCKS) // top) - 1] if each else " " for each in counts)
