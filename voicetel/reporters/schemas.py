"""JSON Schemas (2020-12) of what ``--format json`` writes, made from the names that the figures have everywhere."""

from __future__ import annotations

from typing import Any

from voicetel.analyzers.report import USAGE_NAMES
from voicetel.analyzers.results import COMPONENTS
from voicetel.events.fields import QUANTITIES
from voicetel.events.metrics import LATENCIES
from voicetel.outcomes import CallOutcome
from voicetel.reporters.json_report import SCHEMA_VERSION, STATISTICS

Schema = dict[str, Any]

CALL_STATISTICS = ("n", "avg", "min", "p50", "p95", "max")

_RATES = {"per_turn": "agent_turns", "per_call": "calls", "per_minute": "minutes, of calls whose length is known"}

_OUTCOMES = tuple(outcome.value for outcome in CallOutcome)


def analysis_schema() -> Schema:
    """``voicetel analyze --format json``."""
    group = {"type": "object", "additionalProperties": _text(optional=True), "description": "Dimension → value."}
    return _document(
        "voicetel analyze",
        {
            "schema_version": {"const": SCHEMA_VERSION},
            **_input(),
            "warnings": _list(_text()),
            **_report(),
            "groups": _list(_object({"group": group, **_report()})),
        },
        optional=("groups",),
    )


def calls_schema() -> Schema:
    """``voicetel calls --format json``."""
    times = {
        f"{latency.name}_{name}": _count() if name == "n" else _number(f"{latency.doc} {name}, ms.", optional=True)
        for latency in LATENCIES
        for name in CALL_STATISTICS
    }
    words = ("state", "agent_name", "agent_version", "campaign", "direction", "language", "end_reason")
    call = {
        "day": _text("With --by day: that of the call's start, in the zone of --tz."),
        "call_id": _text(),
        "started_at": _moment(),
        "duration_s": _number("Length of the call, s; null while it is not known.", optional=True, minimum=0),
        **{name: _text(optional=True) for name in words},
        **{name: _count() for name in ("turns", "user_turns", "agent_turns")},
        **times,
        **_usage(),
        **{
            f"cost_{name}": _money("Null: nothing of it has a price.", optional=True) for name in (*COMPONENTS, "total")
        },
        "unpriced_operations": _count(),
        "interruption_count": _count(optional=True),
        "interruption_rate": _share(),
        "outcome": {"enum": list(_OUTCOMES)},
        "outcome_confidence": _share(),
        "outcome_reason": _text(optional=True),
        "outcome_source": _text(optional=True),
        "sentiment": _number("−1 to 1.", optional=True, minimum=-1, maximum=1),
    }
    return {**_head("voicetel calls"), "type": "array", "items": _object(call, optional=("day",))}


def cost_schema() -> Schema:
    """``voicetel cost --format json``. A line also has one member per dimension named in ``by``."""
    line = _object(
        {
            "amount": _money("Null: not one of the operations has a price.", optional=True),
            "share": _share("Of the total."),
            "operations": _count(),
            "unpriced_operations": _count(),
            "quantities": _quantities(),
        }
    )
    line["additionalProperties"] = _text(optional=True)
    return _document(
        "voicetel cost",
        {"schema_version": {"const": SCHEMA_VERSION}, "by": _list(_text()), "lines": _list(line), "cost": _cost()},
    )


def interruptions_schema() -> Schema:
    """``voicetel interruptions --format json``."""
    group = {"type": "object", "additionalProperties": _text(optional=True), "description": "Dimension → value."}
    return _document(
        "voicetel interruptions",
        {
            "schema_version": {"const": SCHEMA_VERSION},
            **_talk(),
            "groups": _list(_object({"group": group, **_talk()})),
        },
        optional=("groups",),
    )


def outcomes_schema() -> Schema:
    """``voicetel outcomes --format json``, without --explain."""
    group = {"type": "object", "additionalProperties": _text(optional=True), "description": "Dimension → value."}
    return _document(
        "voicetel outcomes",
        {
            "schema_version": {"const": SCHEMA_VERSION},
            "outcomes": _outcomes(),
            "groups": _list(_object({"group": group, "outcomes": _outcomes()})),
        },
        optional=("groups",),
    )


def validation_schema() -> Schema:
    """``voicetel validate --format json``."""
    finding = {
        "path": _text(),
        "line": _count("From 1."),
        "byte_offset": _count("From 0, in the decompressed file; null for a value.", optional=True),
        "bytes": _count("Of the line without its end; null for a value.", optional=True),
        "verdict": {"enum": ["refused", "unsupported", "unknown value"]},
        "reason": _text(),
    }
    return _document(
        "voicetel validate",
        {"schema_version": {"const": SCHEMA_VERSION}, **_input(), "findings": _list(_object(finding))},
    )


def _input() -> Schema:
    return {
        "paths": _list(_text()),
        "refused_lines": _count("Lines that could not be read."),
        "unsupported_lines": _count("Lines of an unknown event or a newer version."),
        "pending_bytes": _count("Bytes of last lines that have no line end yet."),
    }


def _report() -> Schema:
    return {
        "calls": _count(),
        "turns": _count(),
        "incomplete_calls": _count("No call_ended, and quiet for more than an hour."),
        "in_progress_calls": _count("No call_ended yet."),
        "duration_s": _number("Sum over the calls whose length is known, s.", optional=True, minimum=0),
        "first_ts": _moment(optional=True),
        "last_ts": _moment(optional=True),
        "latency": _object({latency.name: _latency(latency.doc) for latency in LATENCIES}),
        "usage": _object(_usage()),
        "cost": _cost(),
        "interruptions": _object({"count": _count(), "agent_turns": _count(), "rate": _share("count ÷ agent_turns.")}),
        "outcomes": _outcomes(),
        "sentiment": _sentiment(),
        "slowest": _list(
            _object(
                {
                    "call_id": _text(),
                    "eou_latency_ms": _number("Of its slowest turn, ms.", minimum=0),
                    "turn": _count("Number of that turn.", optional=True),
                    "stage": _text("The stage that took most of it.", optional=True),
                    "stage_ms": _number("How much it took, ms.", optional=True, minimum=0),
                }
            )
        ),
        "dearest": _list(
            _object(
                {
                    "call_id": _text(),
                    "cost": _money(),
                    "component": {"enum": list(COMPONENTS)},
                    "component_cost": _money(),
                }
            )
        ),
    }


def _outcomes() -> Schema:
    return _object(
        {
            **{name: _count() for name in _OUTCOMES},
            "answered": _count("Calls that somebody answered."),
            "success_rate": _share("success ÷ answered."),
            "confidence_avg": _object({name: _share() for name in _OUTCOMES}),
        }
    )


def _sentiment() -> Schema:
    felt = _number("−1 to 1.", optional=True, minimum=-1, maximum=1)
    turns = {"turns": _count("In which the caller spoke."), "n": _count("Those with a score."), "avg": felt}
    counts = {name: _count() for name in ("good", "neutral", "bad")}
    return _object({"n": _count("Calls."), "avg": felt, "turns": _object(turns | counts)}, optional=("turns",))


def _talk() -> Schema:
    def overlaps(doc: str, turns: str) -> Schema:
        rates = {name: _number(f"count ÷ {of}.", optional=True, minimum=0) for name, of in _RATES.items()}
        return {**_object({"count": _count(), "agent_turns": _count(turns), **rates}), "description": doc}

    statistics = {name: _count() if name == "n" else _number("ms", optional=True, minimum=0) for name in STATISTICS}
    return {
        "calls": _count(),
        "minutes": _number("Of the calls whose length is known.", optional=True, minimum=0),
        "caller_over_agent": overlaps("The caller stopped the agent.", "In which the agent spoke."),
        "agent_over_caller": overlaps("The agent began while the caller spoke.", "Of known times."),
        "false_interruptions": overlaps("Taken back by the agent's framework.", "In which the agent spoke."),
        "overrun_ms": {**_object(statistics), "description": "From the caller's first sound to the agent's last."},
        "heard": _object({"turns": _count("Interrupted, both known."), "share": _share("Audio played ÷ audio made.")}),
        "timed_calls": _count("Calls in which the time of all speech is known: the figures below are theirs."),
        "agent_talk_s": _number("", optional=True, minimum=0),
        "caller_talk_s": _number("", optional=True, minimum=0),
        "talk_ratio": _share("The agent's share of the talk."),
        "dead_air": _object(
            {
                "above_s": _number("Silence longer than this counts.", minimum=0),
                "count": _count(),
                "total_s": _number("", optional=True, minimum=0),
                "longest_s": _number("", optional=True, minimum=0),
                "share": _share("Of the time from the first to the last sound."),
            }
        ),
        "longest_agent_s": _number("Speech without a word of the other side.", optional=True, minimum=0),
        "longest_caller_s": _number("Speech without a word of the other side.", optional=True, minimum=0),
    }


def _latency(doc: str) -> Schema:
    statistics = {name: _count() if name == "n" else _number("ms", optional=True, minimum=0) for name in STATISTICS}
    return {**_object({**statistics, "impossible": _count("Values that were excluded.")}), "description": doc}


def _usage() -> Schema:
    return {name: _number("Null: never logged.", optional=True, minimum=0) for name in USAGE_NAMES}


def _cost() -> Schema:
    return _object(
        {
            "currency": _text(),
            "total": _money(
                "The sum of the components, exact. Null: nothing that was used has a price.", optional=True
            ),
            **{name: _money("Null: nothing of it has a price.", optional=True) for name in COMPONENTS},
            "per_call_avg": _money("total ÷ calls.", optional=True),
            "per_minute": _money("total ÷ minutes of calls whose length is known.", optional=True),
            "coverage": _share("Share of the billable operations that have a price."),
            "unpriced": _list(
                _object(
                    {
                        "stage": _text(),
                        "provider": _text(optional=True),
                        "model": _text(optional=True),
                        "operations": _count(),
                        "quantities": _quantities(),
                    }
                )
            ),
            "billed_in_other_currencies": {"type": "object", "additionalProperties": _money()},
            "unmetered_user_turns": _count("Turns of a caller with no STT quantity logged."),
            "card": _text("Where the rates come from."),
            "notes": _list(_text()),
        }
    )


def _quantities() -> Schema:
    members = {quantity.name: _number(f"{quantity.doc} {quantity.unit}.", minimum=0) for quantity in QUANTITIES}
    return {"type": "object", "properties": members, "additionalProperties": False}


def _document(title: str, members: Schema, optional: tuple[str, ...] = ()) -> Schema:
    return {**_head(title), **_object(members, optional)}


def _head(title: str) -> Schema:
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title}


def _object(members: Schema, optional: tuple[str, ...] = ()) -> Schema:
    required = [name for name in members if name not in optional]
    return {"type": "object", "properties": members, "required": required, "additionalProperties": False}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _typed(kind: str, doc: str, *, optional: bool, **limits: object) -> Schema:
    about = {"description": doc} if doc else {}
    return {"type": [kind, "null"] if optional else kind, **limits, **about}


def _text(doc: str = "", *, optional: bool = False) -> Schema:
    return _typed("string", doc, optional=optional)


def _count(doc: str = "", *, optional: bool = False) -> Schema:
    return _typed("integer", doc, optional=optional, minimum=0)


def _number(doc: str, *, optional: bool = False, **limits: float) -> Schema:
    return _typed("number", doc, optional=optional, **limits)


def _share(doc: str = "") -> Schema:
    return _typed("number", doc, optional=True, minimum=0)


def _money(doc: str = "", *, optional: bool = False) -> Schema:
    return _typed("string", doc, optional=optional, pattern=r"^\d+(\.\d+)?$")


def _moment(*, optional: bool = False) -> Schema:
    return _typed("string", "RFC 3339, UTC.", optional=optional, format="date-time")
