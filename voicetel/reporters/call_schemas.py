"""JSON Schemas (2020-12) of what is said of calls one by one: ``calls --json`` and ``call --json``."""

from __future__ import annotations

from voicetel.analyzers.cost.results import COMPONENTS
from voicetel.events.metrics import LATENCIES
from voicetel.outcomes import CallOutcome
from voicetel.reporters.schema_parts import (
    Schema,
    count,
    day,
    document,
    flag,
    head,
    list_of,
    moment,
    money,
    number,
    object_of,
    quantities,
    share,
    text,
    usage,
)

CALL_STATISTICS = ("n", "avg", "min", "p50", "p95", "max")


def calls_schema() -> Schema:
    """``voicetel calls --format json``."""
    day_of_group = day("With --by day: that of the call's start, in the zone of --tz.")
    call = object_of({"day": day_of_group, **_call()}, optional=("day",))
    return {**head("voicetel calls"), "type": "array", "items": call}


def conversation_schema() -> Schema:
    """``voicetel call --format json``."""
    times = {latency.name: number(f"{latency.doc} ms.", minimum=0) for latency in LATENCIES}
    turn = {
        "turn": count("Number of the turn.", optional=True),
        "ts": moment(),
        "offset_s": number("From the start of the call to ts, s."),
        "state_id": text(optional=True),
        "user": _speech("What the caller said; null: nothing."),
        "agent": _speech("What the agent said; null: nothing."),
        "interrupted": flag(),
        "interrupted_by": text(optional=True),
        **times,
        "operations": list_of(_operation()),
        "gaps": _spans("From the caller's last word to the agent's first: what no operation covers."),
    }
    mark = {"ts": moment(), "offset_s": number("s"), "kind": text(), "value": text(optional=True)}
    return document(
        "voicetel call",
        {
            "currency": text("Of every amount that does not name its own."),
            "call": {**object_of(_call()), "description": "The call's figures, as `voicetel calls` gives them."},
            "turns": list_of(object_of(turn, optional=tuple(times))),
            "marks": list_of(object_of(mark)),
            "operations": {**list_of(_operation()), "description": "Those that belong to no turn."},
        },
    )


def _speech(doc: str) -> Schema:
    said = {
        "text": text("Null: the words were not logged.", optional=True),
        "altered": flag("The text was shortened or redacted."),
        "spans": _spans("When it was heard."),
    }
    return {"anyOf": [object_of(said), {"type": "null"}], "description": doc}


def _spans(doc: str) -> Schema:
    pair = {"type": "array", "prefixItems": [number(), number()], "items": False, "minItems": 2}
    return {**list_of(pair), "description": f"{doc} [from, to], ms after the turn's ts."}


def _operation() -> Schema:
    words = {name: text(optional=True) for name in ("provider", "model", "name")}
    times = {name: number("ms", optional=True) for name in ("start_ms", "ttfb_ms", "duration_ms")}
    used = quantities()["properties"]
    members = {
        "stage": text(),
        **words,
        **times,
        "status": text(optional=True),
        **used,
        "cost": money("Null: it has no price.", optional=True),
        "currency": text("Of cost.", optional=True),
        "cost_source": {"enum": ["billed", "card", None]},
        "unpriced": {**list_of(text()), "description": "Quantities that no rate covers."},
    }
    return object_of(members, optional=tuple(used))


def _call() -> Schema:
    times = {
        f"{latency.name}_{name}": count() if name == "n" else number(f"{latency.doc} {name}, ms.", optional=True)
        for latency in LATENCIES
        for name in CALL_STATISTICS
    }
    words = ("state", "agent_name", "agent_version", "campaign", "direction", "language", "end_reason")
    return {
        "call_id": text(),
        "started_at": moment(),
        "duration_s": number("Length of the call, s; null while it is not known.", optional=True, minimum=0),
        **{name: text(optional=True) for name in words},
        **{name: count() for name in ("turns", "user_turns", "agent_turns")},
        **times,
        **usage(),
        **{f"cost_{name}": money("Null: nothing of it has a price.", optional=True) for name in (*COMPONENTS, "total")},
        "unpriced_operations": count(),
        "interruption_count": count(optional=True),
        "interruption_rate": share(),
        "outcome": {"enum": [outcome.value for outcome in CallOutcome]},
        "outcome_confidence": share(),
        "outcome_reason": text(optional=True),
        "outcome_source": text(optional=True),
        "sentiment": number("−1 to 1.", optional=True, minimum=-1, maximum=1),
    }
