"""How calls were handled, once more in plain Python: what the SQL of voicetel/analyzers/handling is held to."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from support.reference.definitions import (
    ReferenceCall,
    in_order,
    moment,
    ms,
    not_negative,
    percentile,
    rounded,
    turn_latencies,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from support.reference.definitions import Event

TEN_MINUTES_MS = 600_000


def at(event: Event, offset: Any) -> datetime | None:
    """The moment that is so many ms after an event; None where that is not said."""
    known = not_negative(ms(offset))
    return None if known is None else moment(event) + timedelta(microseconds=int(known * 1000))


def wait(begin: datetime, end: datetime) -> Decimal | None:
    """From one moment to another in ms; None below zero and above ten minutes."""
    found = Decimal((end - begin) // timedelta(microseconds=1)) / 1000
    return found if 0 <= found <= TEN_MINUTES_MS else None


def answered_at(call: ReferenceCall) -> datetime:
    """The first mark `answered`, else the call's first event."""
    marks = [moment(event) for event in call.events if event["event"] == "mark" and event.get("kind") == "answered"]
    return min(marks, default=call.started_at)


def first_sound(call: ReferenceCall, side: str) -> datetime | None:
    """The first sound of one side; None where it made none, or a turn that began earlier does not say when."""
    spoke = [turn for turn in call.turns if isinstance(turn.get(side), dict)]
    sounds = [sound for turn in spoke if (sound := at(turn, turn[side].get("start_ms"))) is not None]
    untimed = [moment(turn) for turn in spoke if at(turn, turn[side].get("start_ms")) is None]
    if not sounds or any(begin <= min(sounds) for begin in untimed):
        return None
    return min(sounds)


def first_word_ms(call: ReferenceCall) -> Decimal | None:
    """From the answer to the agent's first audio."""
    sound = first_sound(call, "agent")
    return None if sound is None else wait(answered_at(call), sound)


def caller_silence_ms(call: ReferenceCall) -> Decimal | None:
    """The silence before the caller's first sound."""
    sound = first_sound(call, "user")
    if sound is None:
        return None
    ends = []
    for turn in call.turns:
        agent = turn.get("agent")
        if not isinstance(agent, dict):
            continue
        begin, end = at(turn, agent.get("start_ms")), at(turn, agent.get("end_ms"))
        if (begin or moment(turn)) >= sound:
            continue
        if begin is None or end is None:
            return None
        ends.append(min(end, sound))
    return wait(max(ends, default=answered_at(call)), sound)


def has_mark(call: ReferenceCall, kind: str) -> int:
    """How many marks of a kind it has."""
    return sum(event["event"] == "mark" and event.get("kind") == kind for event in call.events)


def transferred(call: ReferenceCall) -> bool | None:
    """Whether it was passed on; None where it does not say."""
    reason = call.latest("call_ended", "end_reason")
    if has_mark(call, "transfer") or reason == "transfer":
        return True
    return False if call.ended and reason is not None else None


def statistics(values: Sequence[Decimal]) -> dict[str, float | int | None]:
    """What `Statistics` has."""
    if not values:
        return {"n": 0} | dict.fromkeys(("avg", "min", "p50", "p90", "p95", "p99", "max"))
    shares = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}
    return {
        "n": len(values),
        "avg": float(sum(values) / len(values)),
        "min": float(min(values)),
        **{name: percentile(values, share) for name, share in shares.items()},
        "max": float(max(values)),
    }


def turn_figures(calls: Sequence[ReferenceCall]) -> dict[str, list[Decimal]]:
    """What is measured of turns: confidence, (setting, wait) of the end of the turn, (characters, seconds) of speech."""
    found: defaultdict[str, list[Decimal]] = defaultdict(list)
    for turn in (turn for call in calls for turn in call.turns):
        confidence = (turn.get("user") or {}).get("confidence")
        if confidence is not None and 0 <= confidence <= 1:
            found["confidence"].append(rounded(confidence, 6))
        operations = in_order(turn.get("operations") or ())
        eot = next((operation for operation in operations if operation["stage"] == "eot"), {})
        setting, wait_ms = not_negative(ms(eot.get("setting_ms"))), turn_latencies(turn)[0].get("endpointing_ms")
        if setting is not None and setting <= 60_000 and wait_ms is not None:
            found["setting"].append(min(setting, wait_ms))
            found["wait"].append(wait_ms)
        made = [
            (rounded(each["characters"], 6), rounded(each["audio_s"], 6))
            for each in operations
            if each["stage"] == "tts"
            and each.get("status") not in ("error", "cancelled")
            and (each.get("characters") or 0) > 0
            and (each.get("audio_s") or 0) > 0
        ]
        spoken = [(characters, audio) for characters, audio in made if characters > 0 and audio > 0]
        if spoken:
            found["characters"].append(sum((each for each, _ in spoken), Decimal(0)))
            found["audio_s"].append(sum((each for _, each in spoken), Decimal(0)))
    return found


def share(part: Decimal | int, whole: Decimal | int) -> float | None:
    """A quotient; None where there is nothing to divide by."""
    return float(part) / float(whole) if whole else None


def handling(calls: Sequence[ReferenceCall], lines: Sequence[str]) -> dict[str, Any]:
    """What `Handling` says of these calls, as JSON has it."""
    judged = [(call, call.judged()[1]) for call in calls]
    responses = [
        good["eou_latency_ms"]
        for call in calls
        for turn in call.turns
        if "eou_latency_ms" in (good := turn_latencies(turn)[0])
    ]
    over = {line: sum(response > Decimal(line) for response in responses) for line in lines}
    lengths = [call.duration_s for call, answered in judged if answered and call.duration_s is not None]
    handled = [transferred(call) for call, answered in judged if answered and call.ended]
    passed_on, known = sum(each is True for each in handled), any(each is not None for each in handled)
    reasons = [call.latest("call_ended", "end_reason") for call in calls]
    said = [reason for reason in reasons if reason is not None]
    of_turns = turn_figures(calls)
    confidence, setting = of_turns["confidence"], of_turns["setting"]
    characters, audio_s = sum(of_turns["characters"], Decimal(0)), sum(of_turns["audio_s"], Decimal(0))
    length = statistics(lengths)
    return {
        "slow_turns": {
            "n": len(responses),
            "over": {line: {"turns": n, "rate": share(n, len(responses))} for line, n in over.items()},
        },
        "first_word_ms": statistics([found for call in calls if (found := first_word_ms(call)) is not None]),
        "caller_silence_ms": statistics([found for call in calls if (found := caller_silence_ms(call)) is not None]),
        "handle_time_s": {name: length[name] for name in ("n", "avg", "p50", "p90")},
        "transfers": {
            "handled": len(handled),
            "transferred": passed_on,
            "rate": share(passed_on, len(handled) if known else 0),
            "contained": len(handled) - passed_on,
            "containment_rate": share(len(handled) - passed_on, len(handled) if known else 0),
        },
        "no_input": marked(calls, "no_input"),
        "unheard": marked(calls, "unheard"),
        "timeouts": {
            "calls": said.count("timeout"),
            "ended": len(said),
            "rate": share(said.count("timeout"), len(said)),
        },
        "endpointing_setting": {
            "n": len(setting),
            "avg_ms": share(sum(setting), len(setting)),
            "share": share(sum(setting), sum(of_turns["wait"])),
        },
        "confidence": {"n": len(confidence), "avg": share(sum(confidence), len(confidence))},
        "agent_speech": {
            "turns": len(of_turns["characters"]),
            "characters": float(characters) if characters else None,
            "audio_s": float(audio_s) if audio_s else None,
            "characters_per_minute": share(characters * 60, audio_s),
        },
    }


def marked(calls: Sequence[ReferenceCall], kind: str) -> dict[str, Any]:
    """What `MarkedCalls` says."""
    having = sum(has_mark(call, kind) > 0 for call in calls)
    return {
        "count": sum(has_mark(call, kind) for call in calls),
        "calls": having,
        "rate": share(having, len(calls) if having else 0),
    }
