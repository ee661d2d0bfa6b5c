"""JSON Schemas (2020-12) of what ``--format json`` writes, made from the names that the figures have everywhere."""

from __future__ import annotations

from voicetel.analyzers.cost.results import COMPONENTS
from voicetel.events.metrics import LATENCIES
from voicetel.outcomes import CallOutcome
from voicetel.reporters.json_report import STATISTICS
from voicetel.reporters.schema_parts import (
    Schema,
    cost,
    count,
    document,
    flag,
    groups_of,
    list_of,
    moment,
    money,
    number,
    object_of,
    share,
    text,
    usage,
)

_RATES = {"per_turn": "agent_turns", "per_call": "calls", "per_minute": "minutes, of calls whose length is known"}

_OUTCOMES = tuple(outcome.value for outcome in CallOutcome)


def analysis_schema() -> Schema:
    """``voicetel analyze --format json``."""
    return document(
        "voicetel analyze",
        {
            **_input(),
            "warnings": list_of(text()),
            **_report(),
            "groups": groups_of(_report()),
        },
        optional=("groups",),
    )


def interruptions_schema() -> Schema:
    """``voicetel interruptions --format json``."""
    return document(
        "voicetel interruptions",
        {
            **_talk(),
            "groups": groups_of(_talk()),
        },
        optional=("groups",),
    )


def outcomes_schema() -> Schema:
    """``voicetel outcomes --format json``, without --explain."""
    return document(
        "voicetel outcomes",
        {
            "outcomes": _outcomes(),
            "groups": groups_of({"outcomes": _outcomes()}),
        },
        optional=("groups",),
    )


def validation_schema() -> Schema:
    """``voicetel validate --format json``."""
    finding = {
        "path": text(),
        "line": count("From 1."),
        "byte_offset": count("From 0, in the decompressed file; null for a value.", optional=True),
        "bytes": count("Of the line without its end; null for a value.", optional=True),
        "verdict": {"enum": ["refused", "unsupported", "unknown value"]},
        "reason": text(),
    }
    return document(
        "voicetel validate",
        {**_input(), "findings": list_of(object_of(finding))},
    )


def explanation_schema() -> Schema:
    """``voicetel outcomes --explain --format json``."""
    step = {
        "rule": text(),
        "decided": flag("Whether it is this rule's verdict that counts."),
        "outcome": {"enum": [*_OUTCOMES, None], "description": "Null: the rule has nothing to say."},
        "confidence": share(),
        "said": text("What the rule went by."),
    }
    return document("voicetel outcomes --explain", {"call_id": text(), "steps": list_of(object_of(step))})


def simulation_schema() -> Schema:
    """``voicetel simulate --format json``."""
    totals = {name: count() for name in ("files", "bytes", "lines", "calls")}
    counts = {name: {"type": "object", "additionalProperties": count()} for name in ("events", "languages", "faults")}
    outcomes = {"type": "object", "propertyNames": {"enum": list(_OUTCOMES)}, "additionalProperties": count()}
    interruptions = count("The caller's barge-ins.")
    return document("voicetel simulate", {**totals, "interruptions": interruptions, "outcomes": outcomes, **counts})


def settings_schema() -> Schema:
    """``voicetel config --format json``."""
    value = {"anyOf": [text(), flag(), list_of(text())]}
    setting = object_of({"value": value, "from": text("default, a variable as $NAME, or the file that says it.")})
    return document("voicetel config", {"settings": {"type": "object", "additionalProperties": setting}})


def export_schema() -> Schema:
    """``voicetel export --json``: one member for each place that was written to."""
    table = object_of({name: count() for name in ("unchanged", "inserted", "updated", "deleted")})
    kept = count("Calls left alone: the logs no longer have their beginning.")
    written = object_of({"tables": {"type": "object", "additionalProperties": table}, "kept_calls": kept})
    places = ("pg", "parquet", "csv")
    return document("voicetel export", dict.fromkeys(places, written), optional=places)


def _input() -> Schema:
    return {
        "paths": list_of(text()),
        "refused_lines": count("Lines that could not be read."),
        "unsupported_lines": count("Lines of an unknown event or a newer version."),
        "pending_bytes": count("Bytes of last lines that have no line end yet."),
    }


def _report() -> Schema:
    return {
        "calls": count(),
        "turns": count(),
        "incomplete_calls": count("No call_ended, and quiet for more than an hour."),
        "in_progress_calls": count("No call_ended yet."),
        "duration_s": number("Sum over the calls whose length is known, s.", optional=True, minimum=0),
        "first_ts": moment(optional=True),
        "last_ts": moment(optional=True),
        "latency": object_of({latency.name: _latency(latency.doc) for latency in LATENCIES}),
        "usage": object_of(usage()),
        "cost": cost(),
        "interruptions": object_of({"count": count(), "agent_turns": count(), "rate": share("count ÷ agent_turns.")}),
        "outcomes": _outcomes(),
        "sentiment": _sentiment(),
        "slowest": list_of(
            object_of(
                {
                    "call_id": text(),
                    "eou_latency_ms": number("Of its slowest turn, ms.", minimum=0),
                    "turn": count("Number of that turn.", optional=True),
                    "stage": text("The stage that took most of it.", optional=True),
                    "stage_ms": number("How much it took, ms.", optional=True, minimum=0),
                }
            )
        ),
        "dearest": list_of(
            object_of(
                {
                    "call_id": text(),
                    "cost": money(),
                    "component": {"enum": list(COMPONENTS)},
                    "component_cost": money(),
                }
            )
        ),
    }


def _outcomes() -> Schema:
    return object_of(
        {
            **{name: count() for name in _OUTCOMES},
            "answered": count("Calls that somebody answered."),
            "success_rate": share("success ÷ answered."),
            "confidence_avg": object_of({name: share() for name in _OUTCOMES}),
        }
    )


def _sentiment() -> Schema:
    felt = number("−1 to 1.", optional=True, minimum=-1, maximum=1)
    turns = {"turns": count("In which the caller spoke."), "n": count("Those with a score."), "avg": felt}
    counts = {name: count() for name in ("good", "neutral", "bad")}
    return object_of({"n": count("Calls."), "avg": felt, "turns": object_of(turns | counts)}, optional=("turns",))


def _talk() -> Schema:
    def overlaps(doc: str, turns: str) -> Schema:
        rates = {name: number(f"count ÷ {of}.", optional=True, minimum=0) for name, of in _RATES.items()}
        return {**object_of({"count": count(), "agent_turns": count(turns), **rates}), "description": doc}

    statistics = {name: count() if name == "n" else number("ms", optional=True, minimum=0) for name in STATISTICS}
    return {
        "calls": count(),
        "minutes": number("Of the calls whose length is known.", optional=True, minimum=0),
        "caller_over_agent": overlaps("The caller stopped the agent.", "In which the agent spoke."),
        "agent_over_caller": overlaps("The agent began while the caller spoke.", "Of known times."),
        "false_interruptions": overlaps("Taken back by the agent's framework.", "In which the agent spoke."),
        "overrun_ms": {**object_of(statistics), "description": "From the caller's first sound to the agent's last."},
        "heard": object_of({"turns": count("Interrupted, both known."), "share": share("Audio played ÷ audio made.")}),
        "timed_calls": count("Calls in which the time of all speech is known: the figures below are theirs."),
        "agent_talk_s": number(optional=True, minimum=0),
        "caller_talk_s": number(optional=True, minimum=0),
        "talk_ratio": share("The agent's share of the talk."),
        "dead_air": object_of(
            {
                "above_s": number("Silence longer than this counts.", minimum=0),
                "count": count(),
                "total_s": number(optional=True, minimum=0),
                "longest_s": number(optional=True, minimum=0),
                "share": share("Of the time from the first to the last sound."),
            }
        ),
        "longest_agent_s": number("Speech without a word of the other side.", optional=True, minimum=0),
        "longest_caller_s": number("Speech without a word of the other side.", optional=True, minimum=0),
    }


def _latency(doc: str) -> Schema:
    statistics = {name: count() if name == "n" else number("ms", optional=True, minimum=0) for name in STATISTICS}
    return {**object_of({**statistics, "impossible": count("Values that were excluded.")}), "description": doc}
