"""Which turns of a call are shown: a call may have more of them than anybody reads, or a file holds."""

from __future__ import annotations

import re
from dataclasses import dataclass

from voicetel.errors import UsageError

USUAL_TURNS = 1000
"""Turns that are shown unless others are asked for."""

MAX_TURNS = 5000
"""Turns at once: each takes some 20 kB of memory."""

MAX_MARKS_AND_TURNLESS_OPERATIONS = 1000
"""So many marks, and so many operations that belong to no turn, are shown of a call."""

_RANGE = re.compile(r"\s*(\d{1,12})\s*(?:(-|–)\s*(\d{1,12})?\s*)?")


@dataclass(frozen=True, slots=True)
class TurnRange:
    """``max_turns`` turns from the turn ``first`` on, counted from 1; or those ``around_slowest``, the one with the slowest response."""

    first: int = 1
    max_turns: int = USUAL_TURNS
    around_slowest: bool = False

    def leaves_out(self, turns: int) -> bool:
        """Whether a call of so many turns is shown in part."""
        return self.first > 1 or turns > self.max_turns

    def check(self, turns: int) -> None:
        """Raise UsageError where a call of so many turns has none of these."""
        if self.first > max(turns, 1):
            hint = f"the last is {turns:,}" if turns else "it has none"
            raise UsageError(f"the call has no turn {self.first:,}, counted from 1", hint=hint)


USUAL = TurnRange()


def parse_turns(text: str | None) -> TurnRange:
    """What ``--turns`` says: 8, 501-1000 or 501-; None is USUAL. Raises UsageError for what is no such range, or too long."""
    if text is None:
        return USUAL
    found = _RANGE.fullmatch(text)
    if found is None:
        raise UsageError(f"{text[:80]!r} is no range of turns", hint="such as 8, 501-1000 or 501-, counted from 1")
    first = int(found[1])
    last = int(found[3]) if found[3] else first + USUAL_TURNS - 1 if found[2] else first
    if not 1 <= first <= last:
        raise UsageError(f"{text[:80]!r} is no range of turns", hint="they are counted from 1, the lower one first")
    if last - first >= MAX_TURNS:
        raise UsageError(f"{text[:80]!r} are too many turns", hint=f"at most {MAX_TURNS:,} at once")
    return TurnRange(first, last - first + 1)


def max_turns_per_call(counts: list[int], total: int, max_turns: int) -> int:
    """How many turns of each call are shown, so that they are ``total`` together, and no call has more than ``max_turns``.

    Calls that have fewer leave theirs to the others. ``counts``: the turns of each call.
    """
    left = total
    for place, turns in enumerate(sorted(counts)):
        share = left // (len(counts) - place)
        if turns > share:
            return max(1, min(max_turns, share))
        left -= turns
    return max_turns
