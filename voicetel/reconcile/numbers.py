"""Numbers and days as invoices write them: 1,234.50 and 1.234,50, (12.00), $3, EUR 3; 2026-11-02 and Mon, 02 Nov 2026."""

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

_DIGITS = re.compile(r"(?:\d|(?<![^\W\d_])[.,]\d)[\d.,\s'’]*(?:(?<=[\d.,])[eE][+-]?\d+)?")
"""A number without its sign. A point behind a letter is the word's: Rs.500."""
_DASHES = str.maketrans(dict.fromkeys("−‐‑‒–—﹣－", "-"))
_IS_NEGATIVE = {("", ""): False, ("+", ""): False, ("-", ""): True, ("(", ")"): True}
"""By the signs and parentheses before and behind the digits; any others make no number."""
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
        number, _, _ = _split(text)
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
    text = text.translate(_DASHES)
    if text in {"", "-"}:
        return None
    digits, before, behind = _split(text)
    negative = _IS_NEGATIVE.get((_signs(before), _signs(behind)))
    if negative is None or re.search(r"\d", behind):
        raise ValueError(f"{text!r} is no number")
    grouped = _GROUPED_BY_COMMA if mark == "." else _GROUPED_BY_POINT
    group = "," if mark == "." else "."
    if group in digits:
        if not grouped.fullmatch(digits):
            raise ValueError(f"{text!r} is no number with a decimal {'point' if mark == '.' else 'comma'}")
        digits = digits.replace(group, "")
    try:
        number = _exact(Decimal(digits.replace(",", ".")))
    except InvalidOperation:
        raise ValueError(f"{text!r} is no number") from None
    return -number if negative else number


def _split(text: str) -> tuple[str, str, str]:
    """The first number of a text, its groups not set apart by blanks, and what is before and behind it."""
    found = _DIGITS.search(text)
    if found is None:
        return "", text, ""
    return re.sub(r"[\s'’]", "", found[0]), text[: found.start()], text[found.end() :]


def _signs(around: str) -> str:
    """The signs of what is around a number; parentheses that enclose only a word, as in 3 (USD), are none."""
    return re.sub(r"\([^()]*\)|[^()+-]", "", around)


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
