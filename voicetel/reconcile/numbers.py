"""Numbers and days as invoices write them: 1,234.50 and 1.234,50, (12.00), $3; 2026-11-02 and Mon, 02 Nov 2026."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from email.utils import parsedate_to_datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterable

DecimalMark = Literal[".", ","]

_AROUND = re.compile(r"[^\d.,+\-()eE]")
_GROUPED_BY_COMMA = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d*)?")
_GROUPED_BY_POINT = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d*)?")
_MAX_DIGITS = 40
_PLAIN = re.compile(r"-?\d{1,18}(?:\.\d{1,18})?")
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_ISO_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d")
_FORMATS = ("%Y/%m/%d", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%Y%m%d")


def decimal_mark(texts: Iterable[str]) -> DecimalMark | None:
    """The decimal mark of a column. None: every number in it could be read either way, as 1,234 can.

    One that is surely a mark decides: it stands last of two kinds, or not before exactly three digits.
    """
    doubtful = False
    for text in texts:
        number = _AROUND.sub("", text).strip("()+-")
        comma, point = number.rfind(","), number.rfind(".")
        if comma < 0:
            if point >= 0 and number.count(".") == 1 and not re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", number):
                return "."
            if number.count(".") > 1:
                return ","
            continue
        if point >= 0:
            return "." if point > comma else ","
        if number.count(",") > 1:
            return "."
        if not re.fullmatch(r"[1-9]\d{0,2},\d{3}", number):
            return ","
        doubtful = True
    return None if doubtful else "."


def read_number(value: object, mark: DecimalMark = ".") -> Fraction | None:
    """A number of an invoice, exactly. None for nothing; ValueError for what is no number."""
    if value is None or isinstance(value, bool):
        if value is None:
            return None
        raise ValueError("is no number")
    if isinstance(value, int | Decimal):
        return _exact(Decimal(value))
    if isinstance(value, float):
        return _exact(Decimal(repr(value)))
    text = str(value).strip()
    if mark == "." and _PLAIN.fullmatch(text) and text.isascii():
        return Fraction(Decimal(text))
    text = text.replace("−", "-").replace("\u00a0", "").replace("\u202f", "").replace("'", "")
    if text in {"", "-", "–", "—"}:
        return None
    negative = text.startswith("(") and text.endswith(")")
    digits = _AROUND.sub("", text).strip("()")
    grouped = _GROUPED_BY_COMMA if mark == "." else _GROUPED_BY_POINT
    bare = digits.lstrip("+-")
    group = "," if mark == "." else "."
    if group in bare:
        if not grouped.fullmatch(bare):
            raise ValueError(f"{text!r} is no number with a decimal {'point' if mark == '.' else 'comma'}")
        digits = digits.replace(group, "")
    try:
        number = _exact(Decimal(digits.replace(",", ".")))
    except InvalidOperation:
        raise ValueError(f"{text!r} is no number") from None
    return -number if negative else number


def read_day(value: object, zone: str = "UTC") -> date:
    """The day of a date, a time or a number of seconds since 1970, in ``zone``. Raises ValueError."""
    text = str(value).strip()
    if _ISO_DAY.fullmatch(text):
        return date.fromisoformat(text)
    is_moment = isinstance(value, int | float | Decimal) or _ISO_TIME.match(text)
    for pattern in () if is_moment else _FORMATS:
        try:
            return datetime.strptime(text, pattern).date()  # noqa: DTZ007  a day has no zone
        except ValueError:
            continue
    return read_moment(value, zone).date()


def read_moment(value: object, zone: str = "UTC") -> datetime:
    """A time, or a number of seconds since 1970, as the clocks of ``zone`` show it. Raises ValueError."""
    if isinstance(value, bool) or value is None:
        raise ValueError("is no day")
    text = str(value).strip()
    if isinstance(value, int | float | Decimal) or re.fullmatch(r"\d{9,13}(\.\d+)?", text):
        return _of_seconds(float(text), zone)
    if re.fullmatch(r"\d{1,2}/\d{1,2}/\d{2,4}", text):
        raise ValueError(f"{text!r} may be a day or a month first")
    return _in_zone(_moment(text), zone)


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(re.sub(r" ?UTC$", "+00:00", text))
    except ValueError:
        pass
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError):
        raise ValueError(f"{text!r} is no day") from None


def _of_seconds(seconds: float, zone: str) -> datetime:
    if seconds > 1e11:
        seconds /= 1000
    try:
        return _in_zone(datetime.fromtimestamp(seconds, UTC), zone)
    except (ValueError, OverflowError, OSError):
        raise ValueError(f"{seconds} is no time") from None


def _in_zone(moment: datetime, zone: str) -> datetime:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(ZoneInfo(zone))


def _exact(number: Decimal) -> Fraction:
    if not number.is_finite() or number.adjusted() > _MAX_DIGITS or number.adjusted() < -_MAX_DIGITS:
        raise ValueError(f"{number} is out of all proportion")
    return Fraction(number)
