"""The figures of a report, over calls that have been selected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voicetel.analyzers.core.dimensions import Level
from voicetel.analyzers.core.merge_rules import MergeByKeys
from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.core.transcript_options import NO_TRANSCRIPTS
from voicetel.analyzers.cost.costs import costs
from voicetel.analyzers.cost.most_expensive_calls import most_expensive_calls
from voicetel.analyzers.handling.handling import call_times_sql, handling
from voicetel.analyzers.handling.results import SLOW_THRESHOLDS_MS
from voicetel.analyzers.interruptions.interruptions import interruptions
from voicetel.analyzers.latency.latency import LATENCY_VALUES_SQL, latency
from voicetel.analyzers.latency.latency_values import create_latency_values
from voicetel.analyzers.outcomes.outcomes import outcomes
from voicetel.analyzers.outcomes.results import NO_OUTCOMES
from voicetel.analyzers.overview.results import USAGE_KEYS, Overview
from voicetel.analyzers.priced_usage.usage import price_usage
from voicetel.analyzers.sentiment.results import Sentiment, TurnSentiment
from voicetel.analyzers.slowest_calls.slowest_calls import slowest_calls
from voicetel.analyzers.value_statistics.value_statistics import value_statistics
from voicetel.events.metrics import ALL_LATENCY_NAMES

if TYPE_CHECKING:
    from decimal import Decimal

    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.analyzers.core.transcript_options import TranscriptOptions
    from voicetel.analyzers.overview.report_cache import Overviews
    from voicetel.pricing import RateCard

NOTABLE_CALLS = 3
"""How many of the slowest and the most expensive calls a report names."""


def overviews_of(
    context: AnalysisContext,
    card: RateCard,
    options: TranscriptOptions = NO_TRANSCRIPTS,
    slow_thresholds: tuple[str, ...] = SLOW_THRESHOLDS_MS,
) -> Overviews:
    """The figures over all selected calls, and those of each group."""
    matched = price_usage(context, card, of_each_call=False)
    scored = _scored(context) if options.scorer else {}
    create_latency_values(context)
    measured = value_statistics(
        context, f"{LATENCY_VALUES_SQL} UNION ALL {call_times_sql()}", histograms=ALL_LATENCY_NAMES
    )
    latencies = latency(context, measured)
    cost = costs(context, card)
    interrupted = interruptions(context)
    ended = outcomes(context)
    usage = _usage(context)
    totals = _totals(context)
    open_calls = _open_calls(context)
    handled = handling(context, measured, slow_thresholds)
    slowest = slowest_calls(context, NOTABLE_CALLS)
    expensive = most_expensive_calls(context, matched, NOTABLE_CALLS)

    def overview(group_id: int | None) -> Overview:
        row = totals[group_id]
        n = row.get("sentiment_n")
        incomplete, in_progress = (
            open_calls.get(group_id, (0, 0)) if group_id is None or context.grouping.is_of_calls else (None, None)
        )
        return Overview(
            calls=row["calls"],
            turns=row["turns"],
            incomplete_calls=incomplete,
            in_progress_calls=in_progress,
            duration_s=row.get("duration_s"),
            first_ts=row.get("first_ts"),
            last_ts=row.get("last_ts"),
            latency=latencies[group_id],
            usage=usage.get(group_id, dict.fromkeys(USAGE_KEYS)),
            cost=cost[group_id],
            interruptions=interrupted[group_id],
            outcomes=ended.get(group_id, NO_OUTCOMES),
            sentiment=Sentiment(n, float(row["sentiment_sum"]) / n if n else None, scored.get(group_id)),
            slowest=slowest if group_id is None else (),
            dearest=expensive if group_id is None else (),
            handling=handled[group_id],
        )

    found = {group_id: overview(group_id) for group_id in context.group_ids}
    return found[None], context.groups(found)


def _totals(context: AnalysisContext) -> dict[int | None, dict[str, Any]]:
    """Group → how many calls and turns, and what else is of calls: nothing of the latter in groups of turns or operations."""
    rule = MergeByKeys(min_of=("first_ts",), max_of=("last_ts",))
    rows = context.aggregate_records("totals", load_sql(__name__, "totals.sql"), rule)
    found = {row["group_id"]: {**row, "turns": int(row["turns"] or 0)} for row in rows}
    if not context.grouping.is_of_calls:
        has_turns = context.grouping.level is Level.TURN
        for group_id in range(len(context.group_values)):
            found[group_id] = {"calls": 0, "turns": 0 if has_turns else None}
        for row in context.aggregate_records("group_sizes", load_sql(__name__, "group_sizes.sql"), MergeByKeys()):
            found[row["group_id"]] = {"calls": row["calls"], "turns": int(row["turns"] or 0) if has_turns else None}
    return found


def _open_calls(context: AnalysisContext) -> dict[int | None, tuple[int, int]]:
    """Group → (incomplete calls, calls in progress), of groups that have any."""
    context.aggregate(
        "open_call_times",
        load_sql(__name__, "open_call_times.sql"),
        MergeByKeys(keys=("group_id", "last_event_in_progress")),
    )
    context.aggregate("newest_event", load_sql(__name__, "newest_event.sql"), MergeByKeys(keys=(), max_of=("newest",)))
    rows = context.rows(load_sql(__name__, "open_calls.sql"))
    return {group_id: (int(incomplete), int(in_progress)) for group_id, incomplete, in_progress in rows}


def _scored(context: AnalysisContext) -> dict[int | None, TurnSentiment]:
    from voicetel.analyzers.sentiment.sentiment import turn_sentiment  # noqa: PLC0415  only those who ask

    return turn_sentiment(context)


def _usage(context: AnalysisContext) -> dict[int | None, dict[str, Decimal | None]]:
    rows = context.aggregate_rows("usage_sums", load_sql(__name__, "usage.sql"), MergeByKeys())
    return {group_id: dict(zip(USAGE_KEYS, amounts, strict=True)) for group_id, *amounts in rows}
