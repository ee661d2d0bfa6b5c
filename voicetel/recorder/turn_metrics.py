"""Turns as agents report them, one record per speaker, and the rule that makes events of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from voicetel.recorder.clock import Clock

Operation: TypeAlias = Mapping[str, object]
Providers: TypeAlias = Mapping[str, tuple[str | None, str | None]]

Side: TypeAlias = Literal["user", "agent"]

SIDES: Final[Mapping[str, Side]] = {
    "user": "user",
    "caller": "user",
    "customer": "user",
    "human": "user",
    "assistant": "agent",
    "agent": "agent",
    "bot": "agent",
}
"""Role → whose words these are, as the event format names the two sides."""


@dataclass(slots=True)
class TurnMetrics:
    """What one speaker did in a turn. Latencies are milliseconds, None where unknown; a quantity of 0 is unknown.

    ``role`` ``user`` puts ``content`` into the event's ``user.text``, ``assistant`` (or agent, bot) into
    ``agent.text``; any other role brings its operations and no words. ``timestamp`` is the earliest moment of the
    record: a datetime, seconds since the epoch or RFC 3339 text; None stands for the moment of recording.

    The latencies are those of the event format under the names agents already use: ``ttfb_stt`` is ``stt_ttfb_ms``,
    ``ttft_llm`` is ``llm_ttft_ms``, ``latency_llm`` is ``llm_latency_ms``, ``ttfb_tts`` is ``tts_ttfb_ms``,
    ``eou_latency`` is ``eou_latency_ms``. Where ``operations`` is given (in the form of the format) it stands for all
    of them but ``eou_latency``. ``user_…_ms`` and ``agent_…_ms`` say when each was heard, counted from ``timestamp``;
    ``agent_spans_ms`` are the stretches of the agent's audio where it fell silent in between. ``agent_text`` is for
    a record of role ``user`` that brings the reply along. ``was_interrupted`` says whether the agent's playback
    stopped for good before its end; None is unknown.
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


Snapshot: TypeAlias = tuple[Any, ...]
"""The values of a TurnMetrics in the order of its fields: what its owner changes later changes no event."""

snapshot: Final[attrgetter[Snapshot]] = attrgetter(*(field.name for field in fields(TurnMetrics)))

_TURN_NUMBER, _ROLE = 0, 1


def side_of(role: object) -> Side | None:
    """Say whose words a role's are, in whatever case it is written and also as an enum; None for any other role."""
    side = SIDES.get(role) if isinstance(role, str) else None
    return side or SIDES.get(str(getattr(role, "value", role)).lower())


class Turn:
    """One turn of the event format, put together from the records of those who spoke in it.

    A turn is the caller's words with the agent's whole reply. So an agent's record that directly follows the caller's
    is the same turn, whatever its number; further records of the agent are too if they repeat the number (a filler,
    then the answer); and so is the caller's record that comes after a reply of the same number. Everything else is
    the next turn. A record that is told twice in every detail counts once.
    """

    __slots__ = ("_clock", "_moments", "_providers", "call_id", "has_agent", "has_user", "number", "records")

    def __init__(self, call_id: str, number: int, providers: Providers, clock: Clock) -> None:
        self.call_id = call_id
        self._clock = clock
        self.number = number
        self._providers = providers
        self.records: list[Snapshot] = []
        self._moments: list[float] = []
        self.has_user = False
        self.has_agent = False

    def takes(self, record: Snapshot) -> bool:
        """Whether the record belongs to this turn."""
        same_number = record[_TURN_NUMBER] == self.records[-1][_TURN_NUMBER]
        side = side_of(record[_ROLE])
        if side == "user":
            return same_number and (not self.has_user or record in self.records)
        return side is None or same_number or not self.has_agent

    def add(self, record: Snapshot, moment_s: float) -> None:
        """Take a record in. ``moment_s`` of the clock is when it was told, for one without a timestamp."""
        if record in self.records:
            return
        self.records.append(record)
        self._moments.append(moment_s)
        side = side_of(record[_ROLE])
        self.has_user = self.has_user or side == "user"
        self.has_agent = self.has_agent or side == "agent"

    def __call__(self) -> dict[str, object]:
        """Build the turn's event: work for the writer's thread. Its ``ts`` is the earliest moment of its records."""
        records = [TurnMetrics(*record) for record in self.records]
        starts = [
            moment_of(r.timestamp) or self._clock.at(told_s) for r, told_s in zip(records, self._moments, strict=True)
        ]
        ts = min(starts)
        parts = [_Part(r, (start - ts).total_seconds() * 1000) for r, start in zip(records, starts, strict=True)]
        return {
            "event": "turn",
            "ts": ts,
            "call_id": self.call_id,
            "turn": self.number,
            "state_id": next((r.state_id for r in records if r.state_id), None),
            "user": _joined([side for part in parts if (side := part.user()) is not None]),
            "agent": _joined([side for part in parts if (side := part.agent()) is not None]),
            "operations": _distinct([operation for part in parts for operation in part.operations(self._providers)]),
            "eou_latency_ms": next((r.eou_latency for r in records if r.eou_latency is not None), None),
        }


def moment_of(value: object) -> datetime | None:
    """Read a moment as UTC: a datetime (without a zone it is UTC), seconds since the epoch or RFC 3339 text."""
    try:
        if isinstance(value, (int, float)):
            return datetime.fromtimestamp(value, UTC)
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
    except (ValueError, OverflowError, OSError):
        return None
    if not isinstance(value, datetime):
        return None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class _Part:
    """A record and how much later than the turn it begins."""

    record: TurnMetrics
    shift_ms: float

    def user(self) -> dict[str, object] | None:
        record, speaks = self.record, side_of(self.record.role) == "user"
        side: dict[str, object] = {
            "text": record.content if speaks else None,
            "start_ms": self._shifted(record.user_start_ms),
            "end_ms": self._shifted(record.user_end_ms),
        }
        return side if speaks or _says_something(side) else None

    def agent(self) -> dict[str, object] | None:
        record, speaks = self.record, side_of(self.record.role) == "agent"
        side: dict[str, object] = {
            "text": record.content if speaks else record.agent_text,
            "start_ms": self._shifted(record.agent_start_ms),
            "end_ms": self._shifted(record.agent_end_ms),
            "spans": [[self._shifted(edge) for edge in span] for span in record.agent_spans_ms or ()] or None,
            "interrupted": record.was_interrupted,
        }
        return side if speaks or _says_something(side) else None

    def operations(self, providers: Providers) -> list[dict[str, object]]:
        record = self.record
        if record.operations is not None:
            return [{**o, "start_ms": self._shifted(o.get("start_ms"))} for o in record.operations]
        stt = {
            "ttfb_ms": record.ttfb_stt,
            "duration_ms": record.latency_stt,
            "audio_s": record.stt_duration_sec or None,
        }
        llm = {
            "ttfb_ms": record.ttft_llm,
            "duration_ms": record.latency_llm,
            "input_tokens": record.llm_input_tokens or None,
            "output_tokens": record.llm_output_tokens or None,
        }
        tts = {
            "ttfb_ms": record.ttfb_tts,
            "duration_ms": record.latency_tts,
            "characters": record.tts_characters or None,
        }
        named = (("stt", stt), ("llm", llm), ("tts", tts))
        return [operation(stage, providers, values) for stage, values in named if _says_something(values)]

    def _shifted(self, moment_ms: object) -> float | None:
        return moment_ms + self.shift_ms if isinstance(moment_ms, (int, float)) else None


def operation(stage: str, providers: Providers, values: Mapping[str, object]) -> dict[str, object]:
    """Give an operation of a stage with the provider and model that are set for it."""
    provider, model = providers.get(stage, (None, None))
    return {"stage": stage, "provider": provider, "model": model, **values}


def _says_something(values: Mapping[str, object]) -> bool:
    return any(value not in (None, "") for value in values.values())


def _joined(sides: list[dict[str, object]]) -> dict[str, object] | None:
    """Make one side of what several records say of it: texts one after the other, the first start and the last end."""
    if not sides:
        return None
    texts = list(dict.fromkeys(str(side["text"]) for side in sides if side["text"]))
    starts = [start for side in sides if isinstance(start := side["start_ms"], float)]
    ends = [end for side in sides if isinstance(end := side["end_ms"], float)]
    spans = [span for side in sides if isinstance(given := side.get("spans"), list) for span in given]
    flags = [side["interrupted"] for side in sides if side.get("interrupted") is not None]
    return {
        "text": " ".join(texts) or None,
        "start_ms": min(starts, default=None),
        "end_ms": max(ends, default=None),
        "spans": spans or None,
        "interrupted": any(flags) if flags else None,
    }


def _distinct(operations: list[dict[str, object]]) -> list[dict[str, object]] | None:
    """Drop an operation that two records of one turn tell alike, latency included: it was measured once."""
    kept: list[dict[str, object]] = []
    for each in operations:
        measured = each.get("ttfb_ms") is not None or each.get("duration_ms") is not None
        if not (measured and each in kept):
            kept.append(each)
    return kept or None
