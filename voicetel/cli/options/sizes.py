"""What ``--size`` means."""

from __future__ import annotations

import re
from decimal import Decimal

from voicetel.errors import UsageError

_UNITS = {
    "k": 1000,
    "m": 1000**2,
    "g": 1000**3,
    "t": 1000**4,
    "ki": 1024,
    "mi": 1024**2,
    "gi": 1024**3,
    "ti": 1024**4,
}
_SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,6})?)\s*([kmgt]i?)b?", re.ASCII | re.IGNORECASE)


def size_bytes(option: str, text: str) -> int:
    """A number of bytes: ``100MB`` is 100 million, ``1GiB`` 1024³. Raises UsageError for anything else, and for 0."""
    match = _SIZE.fullmatch(text.strip())
    size = int(Decimal(match[1]) * _UNITS[match[2].lower()]) if match else 0
    if size < 1:
        raise UsageError(f"{option}: {text!r} is no size", hint="write it as 500kB, 100MB, 1.5GB or 1GiB")
    return size
