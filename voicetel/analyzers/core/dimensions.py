"""What figures can be grouped by: one table, from which help, completion, errors and docs come."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from voicetel.errors import UsageError
from voicetel.suggestion import nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

TAG_PREFIX = "tag."


class Level(IntEnum):
    """What a dimension is a property of. A figure can be grouped by those of its own level and of the levels above (smaller)."""

    CALL = 0
    TURN = 1
    OPERATION = 2

    @property
    def plural(self) -> str:
        """As a sentence says it."""
        return f"{self.name.lower()}s"


@dataclass(frozen=True, slots=True)
class Dimension:
    """What figures can be grouped by.

    ``sql`` gives its value: of a call over ``filtered_calls``, of a turn over ``turns``, of an operation over the columns
    that ``operations`` and ``usage`` share. ``order_sql`` gives what groups are ordered by, of ``value``, where that is
    not the value itself. ``is_read_from_logs``: the store does not keep it.
    """

    name: str
    level: Level
    doc: str
    sql: str
    order_sql: str = ""
    is_read_from_logs: bool = False


_OFFSET_MINUTES_SQL = "((epoch_us(started_local) - epoch_us(started_at)) // 60000000)"
_HOUR_SQL = (
    "strftime(started_local, '%Y-%m-%dT%H:00') || CASE WHEN started_local = started_at THEN 'Z'"
    f" ELSE printf('%s%02d:%02d', CASE WHEN {_OFFSET_MINUTES_SQL} < 0 THEN '-' ELSE '+' END,"
    f" abs({_OFFSET_MINUTES_SQL}) // 60, abs({_OFFSET_MINUTES_SQL}) % 60) END"
)
_WEEKDAYS_SQL = "['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']"
_TURN_SQL = "CASE WHEN position <= 3 THEN CAST(position AS VARCHAR) WHEN position <= 6 THEN '4-6' ELSE '7+' END"


def _as_logged(name: str, level: Level, doc: str) -> Dimension:
    return Dimension(name, level, doc, name)


DIMENSIONS = {
    dimension.name: dimension
    for dimension in (
        _as_logged("agent_name", Level.CALL, "The agent."),
        _as_logged("agent_version", Level.CALL, "Its release."),
        _as_logged("campaign", Level.CALL, "What the call belongs to."),
        _as_logged("direction", Level.CALL, "inbound, outbound or web."),
        _as_logged("language", Level.CALL, "The call's language."),
        Dimension(
            "hour",
            Level.CALL,
            "The hour in which the call started, with its offset from UTC: an hour that the clock shows twice is two hours.",
            _HOUR_SQL,
            order_sql="CAST(epoch_us(CAST(value AS TIMESTAMPTZ)) AS VARCHAR)",
        ),
        Dimension("day", Level.CALL, "The day on which the call started.", "strftime(started_local, '%Y-%m-%d')"),
        Dimension(
            "week", Level.CALL, "The ISO week in which it started, from Monday on.", "strftime(started_local, '%G-W%V')"
        ),
        Dimension("month", Level.CALL, "The month in which it started.", "strftime(started_local, '%Y-%m')"),
        Dimension(
            "hour_of_day",
            Level.CALL,
            "The hour of any day in which it started: 00 to 23.",
            "strftime(started_local, '%H')",
        ),
        Dimension(
            "weekday",
            Level.CALL,
            "The day of the week on which it started.",
            f"{_WEEKDAYS_SQL}[isodow(started_local)]",
            order_sql=f"CAST(list_position({_WEEKDAYS_SQL}, value) AS VARCHAR)",
        ),
        _as_logged("outcome", Level.CALL, "How the call ended."),
        _as_logged("end_reason", Level.CALL, "Who or what ended it."),
        Dimension(
            "source", Level.CALL, "What wrote the log, with its version.", "logged_source", is_read_from_logs=True
        ),
        _as_logged("state_id", Level.TURN, "Where in the dialogue the agent was."),
        Dimension("turn", Level.TURN, "The turn's place in its call: 1, 2, 3, 4-6 or 7+.", _TURN_SQL),
        _as_logged("stage", Level.OPERATION, "What the provider did: stt, llm, tts, realtime, eot, tool, …"),
        _as_logged("provider", Level.OPERATION, "Who sends the bill."),
        _as_logged("model", Level.OPERATION, "The model."),
    )
}
"""Name → dimension; beside these each ``tag.NAME``. Times are those of the call's start, in a zone."""

TAG_DOC = "The call's tag of that name."


def dimension_names(finest: Level) -> tuple[str, ...]:
    """The names of the dimensions that figures of a level can be grouped by, in the order of the table."""
    return tuple(each.name for each in DIMENSIONS.values() if each.level <= finest)


def dimension_help(finest: Level, *more: str) -> str:
    """The same as a help text lists them: after ``more``, and with the tags."""
    *most, last = (*more, *dimension_names(finest), f"{TAG_PREFIX}NAME")
    return f"{', '.join(most)} or {last}"


def check_dimensions(names: Sequence[str], finest: Level, *, what: str, more: Sequence[str] = ()) -> None:
    """Raise UsageError for a name that ``find_dimension`` would not find and that is not one of ``more``."""
    for name in names:
        if name not in more:
            find_dimension(name, finest, what=what, more=more)


def find_dimension(
    name: str, finest: Level = Level.OPERATION, *, what: str = "figures", more: Sequence[str] = ()
) -> Dimension:
    """The dimension of that name. A tag has its SQL once it is known which tags are read: see logged_details.py.

    Raises UsageError for an unknown name, with the likely right one, which may be among ``more``; and for a dimension that is finer
    than ``finest``, the level of the figures of ``what``.
    """
    if name.startswith(TAG_PREFIX) and len(name) > len(TAG_PREFIX):
        return Dimension(name, Level.CALL, TAG_DOC, "", is_read_from_logs=True)
    found = DIMENSIONS.get(name)
    if found is None:
        known = (*more, *dimension_names(finest))
        meant = nearest(name, known)
        hint = f"did you mean {meant}?" if meant else f"one of {', '.join(known)}, {TAG_PREFIX}NAME"
        raise UsageError(f"cannot group by {name!r}", hint=hint)
    if found.level > finest:
        raise UsageError(
            f"cannot group {what} by {name}, which is of {found.level.plural}",
            hint=f"`voicetel analyze --by {name}` and `voicetel cost --by {name}` can",
        )
    return found


def list_sql(expressions: Sequence[str]) -> str:
    """SQL for the list of the values of several expressions, as text."""
    return f"CAST([{', '.join(f'CAST({each} AS VARCHAR)' for each in expressions)}] AS VARCHAR[])"
