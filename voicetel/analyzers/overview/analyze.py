"""``voicetel analyze``: every question at once, over all calls and over each group of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voicetel.analyzers.core.no_calls import no_calls
from voicetel.analyzers.core.selection import ALL_CALLS, Selection
from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.core.statistics import Statistics
from voicetel.analyzers.core.transcript_options import NO_TRANSCRIPTS
from voicetel.analyzers.cost.cost import costs, price_expensive_calls, price_usage
from voicetel.analyzers.interruptions.interruptions import interruptions
from voicetel.analyzers.latency.latency import latency
from voicetel.analyzers.latency.results import LatencySummary
from voicetel.analyzers.outcomes.outcomes import outcomes
from voicetel.analyzers.overview.report_cache import cache_key, recalled, remember
from voicetel.analyzers.overview.results import USAGE_KEYS, Analysis, ExpensiveCall, Input, Overview, SlowCall
from voicetel.analyzers.prepare import analysis_context
from voicetel.analyzers.sentiment.results import Sentiment
from voicetel.analyzers.sentiment.sentiment import turn_sentiment
from voicetel.events.metrics import LATENCIES

if TYPE_CHECKING:
    from decimal import Decimal

    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.analyzers.core.request import Request
    from voicetel.analyzers.core.transcript_options import TranscriptOptions
    from voicetel.analyzers.overview.report_cache import Reports
    from voicetel.pricing import RateCard
    from voicetel.store import Store

NOTABLE_CALLS = 3
"""How many of the slowest and the dearest calls a report names."""


def analyze(
    store: Store,
    card: RateCard,
    selection: Selection = ALL_CALLS,
    asked: TranscriptOptions = NO_TRANSCRIPTS,
) -> Analysis:
    """The report over the selected calls and, with ``selection.by``, one over each group, in the order of their values.

    Raises UsageError for a dimension that is unknown.
    """
    question = None if asked.reads_transcripts else cache_key(card, selection)
    reports = recalled(store, question) if question else None
    if reports is None:
        reports = _reports(analysis_context(store, selection, asked), card, asked)
        if question:
            remember(store, question, reports)
    total, groups = reports
    refused, unsupported, pending = store.counts()
    inputs = Input(store.paths, refused, unsupported, pending, tuple(store.warnings))
    return Analysis(inputs, total, groups)


def answer(request: Request) -> Analysis:
    """``voicetel analyze``. Raises NoDataError where there are no calls."""
    found = analyze(request.store, request.rate_card, request.selection, request.transcript)
    if not found.total.calls:
        raise no_calls(request.store, filtered=request.selection != ALL_CALLS)
    return found


def _reports(context: AnalysisContext, card: RateCard, asked: TranscriptOptions) -> Reports:
    """The figures over all selected calls, and those of each group."""
    price_usage(context, card, per_call=False)
    felt_turns = turn_sentiment(context) if asked.scorer else {}
    turns = latency(context)
    cost = costs(context, card)
    interrupted = interruptions(context)
    ended = outcomes(context)
    usage = {
        part: dict(zip(USAGE_KEYS, amounts, strict=True))
        for part, *amounts in context.rows(load_sql(__name__, "usage.sql"))
    }
    none_used = dict.fromkeys(USAGE_KEYS)
    unmeasured = {each.name: LatencySummary(each.name, Statistics()) for each in LATENCIES}
    found: dict[int | None, Overview] = {}
    for part, calls, turn_count, incomplete, in_progress, duration_s, first_ts, last_ts, felt, feeling in context.rows(
        load_sql(__name__, "totals.sql")
    ):
        found[part] = Overview(
            calls=calls,
            turns=int(turn_count or 0),
            incomplete_calls=incomplete,
            in_progress_calls=in_progress,
            duration_s=duration_s,
            first_ts=first_ts,
            last_ts=last_ts,
            latency=turns[part][1] if part in turns else unmeasured,
            usage=usage.get(part, none_used),
            cost=cost[part],
            interruptions=interrupted[part],
            outcomes=ended[part],
            sentiment=Sentiment(felt, float(feeling) / felt if felt else None, felt_turns.get(part)),
            slowest=_slowest(context) if part is None else (),
            dearest=_dearest(context, card) if part is None else (),
        )
    return found[None], context.groups(found)


def _slowest(context: AnalysisContext) -> tuple[SlowCall, ...]:
    return tuple(SlowCall(*row) for row in context.rows(load_sql(__name__, "slowest_calls.sql"), limit=NOTABLE_CALLS))


def _dearest(context: AnalysisContext, card: RateCard) -> tuple[ExpensiveCall, ...]:
    price_expensive_calls(context, card, limit=NOTABLE_CALLS)
    rows: list[tuple[str, Decimal, dict[str, Any]]] = context.sql(
        "SELECT call_id, sum(cost) AS total, max({cost: cost, component: component})"
        " FROM (SELECT call_id, component, sum(amount) AS cost FROM priced_usage GROUP BY ALL) WHERE cost > 0"
        " GROUP BY call_id ORDER BY total DESC, call_id LIMIT $limit",
        limit=NOTABLE_CALLS,
    )
    return tuple(ExpensiveCall(call_id, total, most["component"], most["cost"]) for call_id, total, most in rows)
