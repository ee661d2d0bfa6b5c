"""What a grouping by turns or operations leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.analyzers.core.dimensions import Level, find_dimension

if TYPE_CHECKING:
    from collections.abc import Sequence

_OF_TURNS = (
    "By {names}, a call can be in several groups: how calls ended, their length and sentiment, and cost per call and minute"
    " are known of all calls alone. What belongs to no turn is in the group without a name."
)
_OF_OPERATIONS = (
    "By {names}, a call can be in several groups, and the response is no single operation's: the response, interruptions, turns,"
    " how calls ended, their length and sentiment, and cost per call and minute are known of all calls alone."
)


def group_notes(by: Sequence[str]) -> tuple[str, ...]:
    """One sentence on what figures the dimensions ``by`` say nothing of; none where all of them are of calls."""
    found = [find_dimension(name) for name in by]
    level = max((each.level for each in found), default=Level.CALL)
    if level is Level.CALL:
        return ()
    names = " and ".join(each.name for each in found if each.level > Level.CALL)
    return ((_OF_TURNS if level is Level.TURN else _OF_OPERATIONS).format(names=names),)
