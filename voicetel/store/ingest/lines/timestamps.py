"""Times of lines as the recorder writes them, 2026-11-02T09:00:03.120Z, many at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from voicetel.store.segments.arrays import MISSING, Integers, is_valid

_LENGTH = 24
_SEPARATORS = {4: "-", 7: "-", 10: "T", 13: ":", 16: ":", 19: ".", 23: "Z"}
_DIGITS = [place for place in range(_LENGTH) if place not in _SEPARATORS]
_DAYS_OF_MONTH = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], np.int64)
_FEBRUARY = 2

Bytes = npt.NDArray[np.uint8]


def recorder_timestamps(array: Any) -> Integers:
    """µs since 1970 of a column of texts, MISSING where one is written in another way, or is no time at all."""
    found = np.full(len(array), MISSING, np.int64)
    offsets = np.frombuffer(array.buffers()[1], np.int32)[array.offset : array.offset + len(array) + 1].astype(np.int64)
    rows = np.flatnonzero((np.diff(offsets) == _LENGTH) & is_valid(array))
    if len(rows):
        data = np.frombuffer(array.buffers()[2], np.uint8)
        texts = np.lib.stride_tricks.as_strided(data, (len(data) - _LENGTH + 1, _LENGTH), (1, 1))[offsets[rows]]
        found[rows] = _microseconds(texts)
    return found


def _microseconds(texts: Bytes) -> Integers:
    """Of texts of 24 bytes each."""
    digits = texts - np.uint8(ord("0"))
    fits = (digits[:, _DIGITS] <= 9).all(axis=1)
    for place, sign in _SEPARATORS.items():
        fits &= texts[:, place] == ord(sign)
    columns = digits.T.astype(np.int64)
    year, month, day = _number(columns[0:4]), _number(columns[5:7]), _number(columns[8:10])
    hour, minute, second = _number(columns[11:13]), _number(columns[14:16]), _number(columns[17:19])
    is_leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    fits &= (month >= 1) & (month <= 12) & (hour < 24) & (minute < 60) & (second < 60)
    month = np.where(fits, month, 1)
    fits &= (day >= 1) & (day <= _DAYS_OF_MONTH[month] + (is_leap & (month == _FEBRUARY)))
    seconds = _days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second
    return np.where(fits, (seconds * 1000 + _number(columns[20:23])) * 1000, MISSING)


def _number(digits: Integers) -> Integers:
    total: Integers = digits[0].copy()
    for each in digits[1:]:
        total = total * 10 + each
    return total


def _days(year: Integers, month: Integers, day: Integers) -> Integers:
    """Days since 1970-01-01 in the Gregorian calendar: years begin in March, so that the leap day is a year's last."""
    year = year - (month <= _FEBRUARY)
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return year * 365 + year // 4 - year // 100 + year // 400 + day_of_year - 719_468
