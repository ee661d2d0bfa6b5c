"""How calls were handled: waits, slow turns, transfers, and how well the two sides understood each other."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from voicetel.analyzers.core.merge_rules import MergeByKeys
from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.core.statistics import DECIMALS, Statistics
from voicetel.analyzers.handling.results import (
    CALL_TIME_MEASURES,
    SLOW_THRESHOLDS_MS,
    AgentSpeech,
    Confidence,
    EndpointingSetting,
    HandleTime,
    Handling,
    MarkedCalls,
    SlowShare,
    SlowTurns,
    Timeouts,
    Transfers,
)
from voicetel.analyzers.latency.latency_values import MEASURE_TYPE
from voicetel.errors import UsageError
from voicetel.events.metrics import RESPONSE_LATENCY
from voicetel.results import digits

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.analyzers.value_statistics.value_statistics import Key

    Row = Mapping[str, Any]

MAX_MS = RESPONSE_LATENCY.limit_ms
"""A response that took longer is impossible."""

MARKS = ("no_inputs", "unheard")
"""Columns of handling_of_calls.sql that count marks. Where no selected call has one, it is not known whether any is ever logged."""


def call_times_sql() -> str:
    """SQL for times of whole calls, which ``value_statistics`` is asked of together with latencies."""
    return (
        f"SELECT group_id, CAST(measure AS {MEASURE_TYPE}) AS measure, ms FROM ({load_sql(__name__, 'call_times.sql')})"
    )


def handling(
    context: AnalysisContext, call_times: Mapping[Key, Statistics], thresholds: Sequence[str] = SLOW_THRESHOLDS_MS
) -> dict[int | None, Handling]:
    """Group → how its calls were handled; under None, all calls. ``thresholds``: above them a response is slow, in ms.

    ``call_times`` are statistics of ``call_times_sql``. ``create_latency_values`` has to have been run before: it leaves the relation that
    slow turns are counted in.
    """
    slow = _slow_turns(context, thresholds)
    turn_rows = context.aggregate_records(
        "handling_of_turns", load_sql(__name__, "handling_of_turns.sql"), MergeByKeys()
    )
    turns = {row["group_id"]: row for row in turn_rows}
    calls = context.aggregate_records("handling_of_calls", load_sql(__name__, "handling_of_calls.sql"), MergeByKeys())
    none = SlowTurns(0, dict.fromkeys(thresholds, SlowShare(0, None)))
    of_calls = {row["group_id"]: row for row in calls}
    marks = frozenset(name for name in MARKS if any(row[name] for row in calls))

    def handling_of(group_id: int | None) -> Handling:
        of_turns = _turn_handling(turns.get(group_id, {}), slow.get(group_id, none))
        row = of_calls.get(group_id)
        of_call_times = {name: call_times.get((group_id, name), Statistics()) for name in CALL_TIME_MEASURES}
        return of_turns if row is None else _with_call_handling(of_turns, row, of_call_times, marks)

    return {group_id: handling_of(group_id) for group_id in context.group_ids}


def parse_thresholds(text: str) -> tuple[str, ...]:
    """Thresholds of slow turns, as ``800,1500`` in ms, in their order and each once. Raises UsageError for what is none."""
    found = set()
    for part in text.split(","):
        try:
            threshold = Decimal(part.strip())
        except InvalidOperation:
            threshold = Decimal(-1)
        if (
            not threshold.is_finite()
            or not 0 <= threshold <= MAX_MS
            or not re.fullmatch(r"[0-9]+(\.[0-9]{1,3})?", digits(threshold))
        ):
            raise UsageError(
                f"{part.strip()!r} is no threshold of slow turns", hint="write ms, several with commas: 800,1500"
            )
        found.add(threshold)
    return tuple(digits(threshold) for threshold in sorted(found))


def _slow_turns(context: AnalysisContext, thresholds: Sequence[str]) -> dict[int | None, SlowTurns]:
    found: dict[int | None, dict[str, tuple[int, int]]] = {}
    keys = MergeByKeys(keys=("group_id", "threshold"))
    for group_id, threshold, n, turns in context.aggregate_rows(
        "turns_over_threshold", load_sql(__name__, "turns_over_threshold.sql"), keys, thresholds=list(thresholds)
    ):
        found.setdefault(group_id, {})[threshold] = (int(n), int(turns))
    return {
        group_id: SlowTurns(
            next(iter(counts.values()))[0],
            {each: SlowShare(counts[each][1], _ratio(counts[each][1], counts[each][0])) for each in thresholds},
        )
        for group_id, counts in found.items()
    }


def _turn_handling(row: Row, slow: SlowTurns) -> Handling:
    """What is of turns, and known of groups of turns too."""
    return Handling(
        slow_turns=slow,
        endpointing_setting=_endpointing_setting(row),
        confidence=_confidence(row),
        agent_speech=_agent_speech(row),
    )


def _with_call_handling(
    of_turns: Handling, row: Row, call_times: Mapping[str, Statistics], marks: Collection[str]
) -> Handling:
    """The same with what is of calls. ``marks`` are those of MARKS that any of the selected calls has."""
    return replace(
        of_turns,
        first_word_ms=call_times["first_word"],
        caller_silence_ms=call_times["caller_silence"],
        handle_time_s=_handle_time(call_times["handle_time"]),
        transfers=_transfers(row),
        no_input=_marked(row, "no_inputs", "no_input_calls", is_logged="no_inputs" in marks),
        unheard=_marked(row, "unheard", "unheard_calls", is_logged="unheard" in marks),
        timeouts=Timeouts(
            int(row["timeouts"]),
            int(row["calls_with_reason"]),
            _ratio(row["timeouts"], row["calls_with_reason"]),
        ),
    )


def _handle_time(ms: Statistics) -> HandleTime:
    avg, p50, p90 = (None if value is None else round(value / 1000, DECIMALS) for value in (ms.avg, ms.p50, ms.p90))
    return HandleTime(ms.n, avg, p50, p90)


def _transfers(row: Row) -> Transfers:
    handled, transferred = int(row["handled"]), int(row["transferred"])
    contained = handled - transferred
    known = handled if row["transfer_known"] else 0
    return Transfers(handled, transferred, _ratio(transferred, known), contained, _ratio(contained, known))


def _marked(row: Row, marks_column: str, calls_column: str, *, is_logged: bool) -> MarkedCalls:
    return MarkedCalls(
        int(row[marks_column] or 0), int(row[calls_column]), _ratio(row[calls_column], row["calls"] if is_logged else 0)
    )


def _endpointing_setting(row: Row) -> EndpointingSetting:
    n = row.get("setting_n")
    if not n:
        return EndpointingSetting()
    return EndpointingSetting(
        n, round(float(row["setting_ms"]) / n, DECIMALS), _ratio(row["setting_ms"], row["waited_ms"])
    )


def _confidence(row: Row) -> Confidence:
    n = row.get("confidence_n")
    return Confidence(n, round(float(row["confidence_sum"]) / n, DECIMALS)) if n else Confidence()


def _agent_speech(row: Row) -> AgentSpeech:
    turns = row.get("speech_turns")
    if not turns:
        return AgentSpeech()
    characters, audio_s = float(row["characters"]), float(row["audio_s"])
    return AgentSpeech(turns, characters, audio_s, round(characters * 60 / audio_s, DECIMALS))


def _ratio(part: Any, whole: Any) -> float | None:
    return float(part) / float(whole) if whole else None
