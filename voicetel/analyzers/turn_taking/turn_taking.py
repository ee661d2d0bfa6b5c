"""Who spoke over whom, for how long, and how much nobody spoke."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from voicetel.analyzers.core.dimensions import Level
from voicetel.analyzers.core.merge_rules import MergeByKeys
from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.core.statistics import Statistics
from voicetel.analyzers.interruptions.interruptions import interruptions
from voicetel.analyzers.turn_taking.results import DeadAir, Overlaps, PlayedShare, TurnTaking
from voicetel.analyzers.value_statistics.value_statistics import value_statistics
from voicetel.results import Grouped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.analyzers.interruptions.results import Interruptions
    from voicetel.analyzers.request import Request

DEAD_AIR_S = 3.0
"""Silence longer than this is dead air unless another bound is asked for."""

TURNS_AT_ONCE = 1_000_000
"""All the speech of some calls is in memory together."""

_OVERRUNS_SQL = (
    "SELECT group_id, 'overrun' AS measure, CAST(overrun_us / 1000 AS DECIMAL(18, 3)) AS ms"
    " FROM interrupted_turns WHERE overrun_us IS NOT NULL"
)
"""From the caller's first sound to the agent's last, of every interrupted turn of which both are known."""

_CALLS_OF_TURNS_SQL = "SELECT group_id, count(DISTINCT call_id) AS calls FROM selected_turns GROUP BY group_id"

Row = dict[str, Any]

_CALL_COLUMNS = (
    *("fully_timed_calls", "duration_s", "caller_over_agent_of_known_length", "agent_over_caller_of_known_length"),
    *(
        "false_interruptions",
        "false_interruptions_of_known_length",
        "agent_talk_us",
        "caller_talk_us",
        "first_to_last_sound_us",
    ),
    *("dead_airs", "dead_air_us", "longest_dead_air_us", "agent_monologue_us", "caller_monologue_us"),
)
"""Columns of turn_taking_totals.sql that no turn has."""


def turn_taking(context: AnalysisContext, *, dead_air_s: float = DEAD_AIR_S) -> Grouped[TurnTaking]:
    """Interruptions both ways, talk, dead air and monologues of the selected calls and of each of their groups.

    ``call_turn_taking`` and ``interrupted_turns`` are left for those who want them per call and turn.
    """
    interrupted = interruptions(context)
    _create_call_turn_taking(context, min_dead_air_us=round(dead_air_s * 1_000_000))
    overruns = value_statistics(context, _OVERRUNS_SQL)
    played = {
        row["group_id"]: row
        for row in context.aggregate_records("played_audio", load_sql(__name__, "played_audio.sql"), MergeByKeys())
    }
    totals_rule = MergeByKeys(max_of=("longest_dead_air_us", "agent_monologue_us", "caller_monologue_us"))
    totals = context.aggregate_records("turn_taking_totals", load_sql(__name__, "turn_taking_totals.sql"), totals_rule)
    if context.grouping.level is Level.TURN:
        totals = [row for row in totals if row["group_id"] is None] + _rows_of_turns(context, interrupted)
    found = {}
    false_interruptions = any(row["false_interruptions"] for row in totals)
    for row in totals:
        overrun = overruns.get((row["group_id"], "overrun"), Statistics())
        found[row["group_id"]] = _turn_taking(
            row, overrun, played.get(row["group_id"]), dead_air_s, logs_false_interruptions=false_interruptions
        )
    return Grouped(found[None], context.groups(found))


def _rows_of_turns(context: AnalysisContext, interrupted: Mapping[int | None, Interruptions]) -> list[Row]:
    """What is known of each group of turns, in the columns of turn_taking_totals.sql; the others are None."""
    overlaps = {
        row.pop("group_id"): row
        for row in context.aggregate_records(
            "turn_overlap_totals", load_sql(__name__, "turn_overlap_totals.sql"), MergeByKeys()
        )
    }
    calls = dict(context.aggregate_rows("turn_calls", _CALLS_OF_TURNS_SQL, MergeByKeys()))
    return [
        {
            **dict.fromkeys(_CALL_COLUMNS),
            "group_id": group_id,
            "calls": calls.get(group_id, 0),
            "caller_over_agent": interrupted[group_id].count,
            "agent_turns": interrupted[group_id].agent_turns,
            "observed_turns": 0 if interrupted[group_id].rate is None else interrupted[group_id].agent_turns,
            **overlaps.get(group_id, {"agent_over_caller": 0, "timed_agent_turns": 0}),
        }
        for group_id in range(len(context.group_values))
    ]


def answer(request: Request, *, dead_air: float = DEAD_AIR_S) -> Grouped[TurnTaking]:
    """``voicetel interruptions``. Raises NoDataError where there are no calls."""
    return turn_taking(request.context(), dead_air_s=dead_air)


def _create_call_turn_taking(context: AnalysisContext, min_dead_air_us: int) -> None:
    """Make ``call_turn_taking`` and ``interrupted_turns``, some calls at a time."""
    turn_count_sql = "SELECT coalesce(sum(turns), 0) AS turns FROM selected_calls"
    ((turns,),) = context.aggregate_rows("turns_to_time", turn_count_sql, MergeByKeys(keys=()))
    chunks = 1 + int(turns) // TURNS_AT_ONCE
    for chunk in range(chunks):
        context.run_on_calls(load_sql(__name__, "call_numbers.sql"), chunks=chunks, chunk=chunk)
        for name in ("turn_times.sql", "call_timing.sql", "speech_stretches.sql"):
            context.run_on_calls(load_sql(__name__, name))
        first = chunk == 0
        context.append("interrupted_turns", load_sql(__name__, "interrupted_turns.sql"), replace=first)
        context.append("turn_overlaps", load_sql(__name__, "turn_overlaps.sql"), replace=first)
        context.append(
            "call_turn_taking",
            load_sql(__name__, "call_turn_taking.sql"),
            replace=first,
            min_dead_air_us=min_dead_air_us,
        )


def _turn_taking(
    row: Row, overrun: Statistics, played: Row | None, dead_air_s: float, *, logs_false_interruptions: bool
) -> TurnTaking:
    agent_s, caller_s = _seconds(row["agent_talk_us"]), _seconds(row["caller_talk_us"])
    both_s = None if agent_s is None or caller_s is None else agent_s + caller_s
    return TurnTaking(
        calls=row["calls"],
        minutes=None if row["duration_s"] is None else float(row["duration_s"]) / 60,
        caller_over_agent=_overlaps(row, "caller_over_agent", "agent_turns", is_known=bool(row["observed_turns"])),
        agent_over_caller=_overlaps(
            row, "agent_over_caller", "timed_agent_turns", is_known=bool(row["timed_agent_turns"])
        ),
        false_interruptions=_false_interruptions(row, are_logged=logs_false_interruptions),
        overrun_ms=overrun,
        played=_played(played),
        timed_calls=row["fully_timed_calls"],
        agent_talk_s=agent_s,
        caller_talk_s=caller_s,
        talk_ratio=_ratio(agent_s, both_s),
        dead_air=DeadAir(
            above_s=dead_air_s,
            count=int(row["dead_airs"] or 0) if row["fully_timed_calls"] else None,
            total_s=_seconds(row["dead_air_us"]),
            longest_s=_seconds(row["longest_dead_air_us"]),
            share=_ratio(row["dead_air_us"], row["first_to_last_sound_us"]),
        ),
        longest_agent_s=_seconds(row["agent_monologue_us"]),
        longest_caller_s=_seconds(row["caller_monologue_us"]),
    )


def _overlaps(row: Mapping[str, Any], count_column: str, turns_column: str, *, is_known: bool) -> Overlaps:
    """None where the agent spoke and nothing says whether this happened; an agent that never spoke is in no overlap."""
    of_turns = row["fully_timed_calls"] is None
    count, agent_turns = int(row[count_column] or 0), int(row[turns_column] or 0)
    if not is_known and row["agent_turns"]:
        return Overlaps(count or None, agent_turns, None, None, None)
    return Overlaps(
        count=count,
        agent_turns=agent_turns,
        per_turn=_ratio(count, agent_turns),
        per_call=None if of_turns else _ratio(count, row["calls"]),
        per_minute=_ratio(
            row[f"{count_column}_of_known_length"], None if row["duration_s"] is None else row["duration_s"] / 60
        ),
    )


def _false_interruptions(row: Mapping[str, Any], *, are_logged: bool) -> Overlaps:
    """Marks are counted; where no selected call has one, it is not known whether any is ever logged, so that no rate is."""
    if row["false_interruptions"] is None:
        return Overlaps(None, None, None, None, None)
    found = _overlaps(row, "false_interruptions", "agent_turns", is_known=True)
    return found if are_logged else replace(found, per_turn=None, per_call=None, per_minute=None)


def _played(row: Row | None) -> PlayedShare:
    if row is None:
        return PlayedShare(0, None)
    share = _ratio(row["played_us"], row["synthesized_us"])
    return PlayedShare(row["played_turns"], None if share is None else min(share, 1.0))


def _ratio(part: Any, whole: Any) -> float | None:
    return None if part is None or not whole else float(part) / float(whole)


def _seconds(us: int | None) -> float | None:
    return None if us is None else float(us) / 1_000_000
