"""Names of LiveKit rooms. Those that SIP dispatch makes have the caller's number in them."""

from __future__ import annotations

import re
from typing import Final

_NUMBER: Final = re.compile(r"\d(?:[\s().-]?\d){6}")


def room_name(name: str | None) -> str | None:
    """The name of a room, or None where it may hold the number of a phone."""
    return None if name is None or _NUMBER.search(name) else name
