"""The definitions once more, in plain Python over lists of events: what the SQL is held to.

Written from the definitions, not from the SQL. It shares with the package only what judges a call
(``voicetel.outcomes``); prices and latencies are worked out here, in fractions.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

from voicetel.outcomes import TurnText, classify, evidence_from_turns, is_answered, load_rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Event = dict[str, Any]
LIMITS_MS = {"llm_latency_ms": 600_000}
TURN_LATENCY_NAMES = (
    "eou_latency_ms",
    "endpointing_ms",
    "stt_ttfb_ms",
    "llm_ttft_ms",
    "llm_latency_ms",
    "tts_ttfb_ms",
    "realtime_ttfb_ms",
    "unattributed_ms",
)
COMPONENTS = ("stt", "llm", "tts", "realtime", "transport")


def rounded(value: float | Decimal, places: int) -> Decimal:
    """Half up, of what the number is in binary times ten to the places: how numbers of a log are read."""
    if isinstance(value, int):
        return Decimal(value)
    with localcontext() as context:
        context.prec = 60
        scaled = Decimal(value * 10**places) if isinstance(value, float) else value * 10**places
        whole: Decimal = scaled.to_integral_value(ROUND_HALF_UP)
        return whole.scaleb(-places)


def ms(value: Any) -> Decimal | None:
    """A number of the log in ms, or None."""
    return None if value is None else rounded(value, 3)


def not_negative(value: Any) -> Any:
    """None for what cannot be below zero and is."""
    return value if value is not None and value >= 0 else None


def in_order(operations: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """By start, those without one last, else as they stand."""
    known = [operation for operation in operations if operation.get("stage") is not None]
    return sorted(known, key=lambda operation: math.inf if operation.get("start_ms") is None else operation["start_ms"])


def turn_latencies(turn: Event) -> tuple[dict[str, Decimal], set[str]]:
    """(the latencies of a turn that count, the names of those that are impossible)."""
    operations = in_order(turn.get("operations") or ())
    user, agent = turn.get("user") or {}, turn.get("agent") or {}
    user_end, agent_start = not_negative(ms(user.get("end_ms"))), not_negative(ms(agent.get("start_ms")))
    raw: dict[str, Decimal | None] = {}
    raw["eou_latency_ms"] = ms(turn.get("eou_latency_ms"))
    if raw["eou_latency_ms"] is None and user_end is not None and agent_start is not None:
        raw["eou_latency_ms"] = agent_start - user_end
    answered = [operation for operation in operations if operation.get("status") not in ("cancelled", "error")]
    for name, stage, some in (
        ("stt_ttfb_ms", "stt", operations),
        ("tts_ttfb_ms", "tts", answered),
        ("realtime_ttfb_ms", "realtime", answered),
    ):
        first = next((operation for operation in some if operation["stage"] == stage), {})
        raw[name] = ms(first.get("ttfb_ms"))
    eot = next((operation for operation in operations if operation["stage"] == "eot"), {})
    raw["endpointing_ms"] = ms(eot["duration_ms"] if eot.get("duration_ms") is not None else eot.get("ttfb_ms"))
    llms = [operation for operation in operations if operation["stage"] == "llm"]
    answering = next((each for each in llms if each.get("status") not in ("cancelled", "error")), {})
    raw["llm_ttft_ms"] = ms(answering.get("ttfb_ms"))
    durations = [ms(each.get("duration_ms")) for each in llms if each.get("status") != "cancelled"]
    known = [duration for duration in durations if duration is not None]
    if known:
        raw["llm_latency_ms"] = Decimal(-1) if min(known) < 0 else sum(known, Decimal(0))
    raw["unattributed_ms"] = unattributed(operations, user_end, agent_start)
    good, impossible = {}, set()
    for name, value in raw.items():
        if value is not None and 0 <= value <= LIMITS_MS.get(name, 60_000):
            good[name] = value
        elif value is not None:
            impossible.add(name)
    return good, impossible


def unattributed(operations: Sequence[Mapping[str, Any]], begin: Decimal | None, end: Decimal | None) -> Decimal | None:
    """What no operation covers of [begin, end], by cutting it at every edge and looking at each piece."""
    if begin is None or end is None or end < begin:
        return None
    spans = []
    for operation in operations:
        start = ms(operation.get("start_ms"))
        length = ms(operation["duration_ms"] if operation.get("duration_ms") is not None else operation.get("ttfb_ms"))
        # One that ends before it begins covers nothing, and says nothing of where the time went.
        if length is not None and length >= 0:
            if start is None:
                return None  # it may have covered anything
            spans.append((start, start + length))
    if not spans:
        return None
    edges = sorted({begin, end, *(min(max(edge, begin), end) for span in spans for edge in span)})
    pieces = itertools.pairwise(edges)
    return sum((b - a for a, b in pieces if not any(s <= a and b <= e for s, e in spans)), Decimal(0))


def percentile(values: Sequence[Decimal], share: float) -> float:
    """Linear interpolation between the two nearest of the sorted values."""
    ordered = sorted(values)
    place = Fraction(share).limit_denominator(1000) * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return float(Fraction(ordered[low]) + (Fraction(ordered[high]) - Fraction(ordered[low])) * (place - low))


def moment(event: Event) -> datetime:
    """The event's ts."""
    return datetime.fromisoformat(event["ts"]).astimezone(UTC).replace(tzinfo=None)


def turns_in_order(turns: Sequence[Event]) -> list[Event]:
    """By number; by time where a number is missing or stands in two turns."""
    numbers = {turn["turn"] for turn in turns if turn.get("turn") is not None}
    if len(numbers) == len(turns):
        return sorted(turns, key=lambda turn: turn["turn"])
    return sorted(turns, key=lambda turn: (moment(turn), math.inf if turn.get("turn") is None else turn["turn"]))


def at_us(event: Event, offset_ms: Any) -> int:
    """So many ms after an event, in µs since the epoch."""
    since = moment(event) - datetime(1970, 1, 1)  # noqa: DTZ001  UTC without a zone, as moment() has it
    return since // timedelta(microseconds=1) + int((ms(offset_ms) or 0) * 1000)


def audio(turn: Event) -> list[tuple[int, int]]:
    """The stretches of the agent's audio in their order, those that overlap as one, in µs since the epoch; [] where no times are known."""
    agent = turn.get("agent") or {}
    spans = agent.get("spans") or [[agent.get("start_ms"), agent.get("end_ms")]]
    known = [(at_us(turn, begin), at_us(turn, end)) for begin, end in spans if begin is not None and end is not None]
    found: list[tuple[int, int]] = []
    for begin, end in sorted(each for each in known if each[0] <= each[1]):
        if found and begin < found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return found


def caller_begins(turn: Event) -> int | None:
    """When the turn's caller begins to speak, in µs since the epoch; None where it does not say."""
    begin = (turn.get("user") or {}).get("start_ms")
    return None if begin is None else at_us(turn, begin)


class ReferenceCall:
    """One call of the log and its figures."""

    def __init__(self, call_id: str, events: list[Event]) -> None:
        """``events`` are those of the call, each once."""
        self.call_id = call_id
        self.events = events
        self.turns = turns_in_order([event for event in events if event["event"] == "turn"])
        self.user_turns = sum(isinstance(turn.get("user"), dict) for turn in self.turns)
        self.agent_turns = sum(isinstance(turn.get("agent"), dict) for turn in self.turns)
        self.started_at = min(moment(event) for event in events)
        self.last_event_at = max(moment(event) for event in events)
        endings = [event for event in events if event["event"] == "call_ended"]
        self.ended = bool(endings)
        self.duration_s: Decimal | None = None
        if endings:
            logged = self.latest("call_ended", "duration_s")
            past = min(moment(event) for event in endings) - self.started_at
            if logged is not None:
                self.duration_s = rounded(logged, 3)
            elif self.turns or self.latest("call_ended", "end_reason") != "not_connected":
                self.duration_s = Decimal(past // timedelta(microseconds=1000)) / 1000

    def latest(self, name: str, field: str) -> Any:
        """Field by field the later line wins."""
        saying = [event for event in self.events if event["event"] == name and event.get(field) is not None]
        return max(saying, key=moment)[field] if saying else None

    def operations(self) -> Iterable[tuple[Event, Mapping[str, Any]]]:
        """Every operation with its event."""
        return ((event, each) for event in self.events for each in in_order(event.get("operations") or ()))

    def with_following(self) -> list[tuple[Event, Event | None]]:
        """Each turn with the one after it."""
        return [*zip(self.turns, [*self.turns[1:], None], strict=False)]

    def interrupted(self) -> list[bool | None]:
        """Turn by turn whether the caller stopped the agent; None where nothing says so, or the agent was silent."""
        logged = self.latest("call_ended", "interruption_count")
        found: list[bool | None] = []
        for turn, following in self.with_following():
            agent = turn.get("agent")
            if not isinstance(agent, dict):
                found.append(None)
            elif self.has_interruption_flags:
                flag, others = agent.get("interrupted"), agent.get("interrupted_by") not in (None, "caller")
                found.append(None if flag is None else bool(flag) and not others)
            elif logged is not None:
                found.append(None if logged else False)
            else:
                stretches = audio(turn)
                begins = caller_begins(following) if following else None
                is_cut = begins is not None and any(begin < begins < end for begin, end in stretches)
                found.append(is_cut if stretches else None)
        return found

    @property
    def has_interruption_flags(self) -> bool:
        """Whether a turn in which the agent spoke says if it was stopped."""
        return any((turn.get("agent") or {}).get("interrupted") is not None for turn in self.turns)

    def interruption_count(self) -> int | None:
        """By flag, else as logged, else by overlap; None where the agent spoke and nothing says."""
        logged: int | None = self.latest("call_ended", "interruption_count")
        if logged is not None and not self.has_interruption_flags:
            return logged
        known = [each for each in self.interrupted() if each is not None]
        return sum(known) if known or self.has_interruption_flags or not self.agent_turns else None

    def judged(self) -> tuple[Any, bool]:
        """The verdict by the shared rules, and whether the call was answered."""
        rules = load_rules()
        spoken = [
            TurnText(
                (turn["user"].get("text") or "") if turn.get("user") else None,
                (turn["agent"].get("text") or "") if turn.get("agent") else None,
            )
            for turn in self.turns
        ]
        evidence = evidence_from_turns(
            spoken,
            rules,
            duration_s=None if self.duration_s is None else float(self.duration_s),
            direction=self.latest("call_started", "direction"),
            marks=[event["kind"] for event in self.events if event["event"] == "mark" and event.get("kind")],
            ended=self.ended,
            **{
                field: self.latest("call_ended", field)
                for field in (
                    "outcome",
                    "outcome_confidence",
                    "outcome_reason",
                    "sip_status",
                    "amd",
                    "final_state",
                    "end_reason",
                )
            },
        )
        ruling = classify(evidence, rules)
        return ruling, is_answered(evidence, ruling)


def reference_calls(events: Iterable[Event]) -> list[ReferenceCall]:
    """Calls in the order of their start; lines of one writer and number, and identical ones, once."""
    by_call: defaultdict[str, dict[str, Event]] = defaultdict(dict)
    for event in events:
        if event.get("writer") is not None and event.get("seq") is not None:
            key = f"{event['writer']}/{event['seq']}"
        else:
            key = repr(sorted(event.items(), key=str))
        by_call[event["call_id"]].setdefault(key, event)
    made = [ReferenceCall(call_id, list(found.values())) for call_id, found in by_call.items()]
    return sorted(made, key=lambda call: (call.started_at, call.call_id))


Rates: TypeAlias = "Mapping[tuple[str, str], Mapping[str, Fraction]]"


def amount(operation: Mapping[str, Any], rates: Rates) -> Fraction | None:
    """What one operation costs by rates per (stage, provider): each token once, time by audio or session."""
    rate = rates.get((operation["stage"], operation.get("provider") or ""))
    if rate is None:
        return None
    used = {
        name: Fraction(rounded(operation[name], 6))
        for name in QUANTITIES
        if not_negative(operation.get(name)) is not None
    }
    cached, cached_audio = used.get("cached_input_tokens", 0), used.get("cached_input_audio_tokens", 0)
    audio, written = used.get("input_audio_tokens", 0), used.get("cache_write_tokens", 0)
    plain_cached, plain_audio = max(cached - cached_audio, 0), max(audio - cached_audio, 0)
    billed: dict[str, Fraction | int] = {
        "per_cached_input_audio_token": cached_audio,
        "per_cached_input_token": plain_cached,
        "per_cache_write_token": written,
        "per_input_audio_token": plain_audio,
        "per_input_token": max(used.get("input_tokens", 0) - plain_cached - plain_audio - cached_audio - written, 0),
        "per_output_audio_token": used.get("output_audio_tokens", 0),
        "per_output_token": max(used.get("output_tokens", 0) - used.get("output_audio_tokens", 0), 0),
        "per_character": used.get("characters", 0),
        "per_request": used.get("requests", 0),
        "per_second": used.get("session_s", 0),
    }
    if operation["stage"] in ("stt", "tts"):
        billed["per_second"] = used.get("audio_s", used.get("session_s", 0))
    priced = [Fraction(quantity) * rate[column] for column, quantity in billed.items() if column in rate and quantity]
    return sum(priced, Fraction(0)) if priced else None


QUANTITIES = (
    "input_tokens",
    "cached_input_tokens",
    "cache_write_tokens",
    "input_audio_tokens",
    "cached_input_audio_tokens",
    "output_tokens",
    "output_audio_tokens",
    "audio_s",
    "characters",
    "session_s",
    "requests",
)
