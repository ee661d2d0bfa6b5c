"""Turns as agents report them: one record per speaker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, Final, Literal, TypeAlias

from voicetel.events.scalars import plain_text

Operation: TypeAlias = Mapping[str, object]
StageProviders: TypeAlias = Mapping[str, tuple[str | None, str | None]]

SpeakerSide: TypeAlias = Literal["user", "agent"]

SIDES: Final[Mapping[str, SpeakerSide]] = {
    "user": "user",
    "caller": "user",
    "customer": "user",
    "human": "user",
    "пользователь": "user",
    "клиент": "user",
    "абонент": "user",
    "assistant": "agent",
    "agent": "agent",
    "bot": "agent",
    "бот": "agent",
    "ассистент": "agent",
    "агент": "agent",
}
"""Role → whose text it is, as the event format names the two sides."""


@dataclass(slots=True)
class TurnMetrics:
    """What one speaker did in a turn. Latencies are milliseconds, None where unknown; a quantity of 0 is unknown.

    ``role`` ``user`` puts ``content`` into the event's ``user.text``, ``assistant`` (or agent, bot) into
    ``agent.text``; any other role brings its operations and no text. ``timestamp`` is when the record begins: a
    datetime, seconds since the epoch or RFC 3339 text; None is the time of recording.

    The latencies are those of the event format under the names agents already use: ``ttfb_stt`` is ``stt_ttfb_ms``,
    ``ttft_llm`` is ``llm_ttft_ms``, ``latency_llm`` is ``llm_latency_ms``, ``ttfb_tts`` is ``tts_ttfb_ms``,
    ``eou_latency`` is ``eou_latency_ms``. Where ``operations`` is given (in the form of the format) it stands for all
    of them but ``eou_latency``; ``eou_from`` is ``turn_start`` where that counts from the start of the turn, not from
    the end of the caller's speech. ``user_…_ms`` and ``agent_…_ms`` say when each one's audio began and ended, counted
    from ``timestamp``; ``agent_spans_ms`` are the spans of the agent's audio where it fell silent in between.
    ``agent_text`` is for a record of role ``user`` that brings the reply along. ``was_interrupted`` says whether the
    agent's playback stopped for good before its end; None is unknown.
    """

    turn_number: int
    role: str
    content: str = ""
    state_id: str | None = None
    ttfb_stt: float | None = None
    latency_llm: float | None = None
    ttfb_tts: float | None = None
    eou_latency: float | None = None
    llm_input_tokens: int = 0
    llm_output_tokens: int = 0
    tts_characters: int = 0
    timestamp: datetime | float | str | None = None
    ttft_llm: float | None = None
    latency_stt: float | None = None
    latency_tts: float | None = None
    stt_duration_sec: float = 0.0
    was_interrupted: bool | None = None
    agent_text: str | None = None
    user_start_ms: float | None = None
    user_end_ms: float | None = None
    agent_start_ms: float | None = None
    agent_end_ms: float | None = None
    agent_spans_ms: Sequence[tuple[float, float]] | None = None
    operations: Sequence[Operation] | None = None
    eou_from: str | None = None


Snapshot: TypeAlias = tuple[Any, ...]
"""The values of a TurnMetrics in the order of its fields: what its owner changes later changes no event."""

snapshot: Final[attrgetter[Snapshot]] = attrgetter(*(field.name for field in fields(TurnMetrics)))

TURN_NUMBER: Final = 0
ROLE: Final = 1
TIMESTAMP: Final = [field.name for field in fields(TurnMetrics)].index("timestamp")
"""Indexes into a snapshot."""


def side_of(role: object) -> SpeakerSide | None:
    """Say whose text a role's is, in whatever case it is written and also as an enum; None for any other role."""
    side = SIDES.get(role) if type(role) is str else None
    return side or SIDES.get((plain_text(role) or "").lower())


def time_of(value: object) -> datetime | None:
    """Read a time as UTC: a datetime (without a zone it is UTC), seconds since the epoch or RFC 3339 text.

    A time before 1970 or after 2199 is none.
    """
    try:
        if isinstance(value, (int, float)):
            value = datetime.fromtimestamp(value, UTC)
        elif isinstance(value, str):
            value = datetime.fromisoformat(value)
        if not isinstance(value, datetime):
            return None
        time = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except Exception:  # noqa: BLE001 - the value, or its time zone, is somebody else's object and may raise anything
        return None
    return time if 1970 <= time.year < 2200 else None
