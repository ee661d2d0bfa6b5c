"""``voicetel analyze``: every question at once, over all calls and over each group of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voicetel.analyzers.core.selection import ALL_CALLS, Selection
from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.core.statistics import Statistics
from voicetel.analyzers.core.transcript_options import NOTHING
from voicetel.analyzers.cost.cost import costs, price_dear_calls, price_usage
from voicetel.analyzers.interruptions.interruptions import interruptions
from voicetel.analyzers.latency.latency import latency
from voicetel.analyzers.latency.results import LatencySummary
from voicetel.analyzers.outcomes.outcomes import outcomes
from voicetel.analyzers.overview.report_cache import question_of, recalled, remember
from voicetel.analyzers.overview.results import Analysis, DearCall, Input, Report, SlowCall
from voicetel.analyzers.prepare import scope_of
from voicetel.analyzers.sentiment.results import Sentiment
from voicetel.analyzers.sentiment.sentiment import turn_sentiment
from voicetel.events.metrics import LATENCIES

if TYPE_CHECKING:
    from decimal import Decimal

    from voicetel.analyzers.core.context import Scope
    from voicetel.analyzers.core.transcript_options import AskedOfWords
    from voicetel.pricing import RateCard
    from voicetel.store import Store

NOTABLE_CALLS = 3
"""How many of the slowest and the dearest calls a report names."""

USAGE_NAMES = ("stt_s", "llm_input_tokens", "llm_output_tokens", "tts_characters", "transport_s")


def analyze(
    store: Store,
    card: RateCard,
    selection: Selection = ALL_CALLS,
    asked: AskedOfWords = NOTHING,
) -> Analysis:
    """The report over the selected calls and, with ``selection.by``, one over each group, in the order of their values.

    Raises UsageError for a dimension that is unknown.
    """
    question = None if asked.anything else question_of(card, selection)
    reports = recalled(store, question) if question else None
    if reports is None:
        reports = _reports(scope_of(store, selection, asked), card, asked)
        if question:
            remember(store, question, reports)
    refused, unsupported, pending = store.counts()
    inputs = Input(store.paths, refused, unsupported, pending, tuple(store.warnings))
    return Analysis(inputs, reports[0], reports[1:])


def _reports(scope: Scope, card: RateCard, asked: AskedOfWords) -> tuple[Report, ...]:
    """The report over all selected calls, and behind it one for each group."""
    price_usage(scope, card, per_call=False)
    felt_turns = turn_sentiment(scope) if asked.scorer else {}
    turns = latency(scope)
    cost = costs(scope, card)
    interrupted = interruptions(scope)
    ended = outcomes(scope)
    usage = {
        part: dict(zip(USAGE_NAMES, amounts, strict=True))
        for part, *amounts in scope.rows(load_sql(__name__, "usage.sql"))
    }
    none_used = dict.fromkeys(USAGE_NAMES)
    unmeasured = tuple(LatencySummary(each.name, Statistics()) for each in LATENCIES)
    found: dict[int | None, Report] = {}
    for part, calls, turn_count, incomplete, in_progress, duration_s, first_ts, last_ts, felt, feeling in scope.rows(
        load_sql(__name__, "totals.sql")
    ):
        found[part] = Report(
            group=() if part is None else tuple(zip(scope.selection.by, scope.parts[part], strict=True)),
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
            slowest=_slowest(scope) if part is None else (),
            dearest=_dearest(scope, card) if part is None else (),
        )
    groups = (found[number] for number in range(len(scope.parts))) if scope.selection.by else ()
    return (found[None], *groups)


def _slowest(scope: Scope) -> tuple[SlowCall, ...]:
    return tuple(SlowCall(*row) for row in scope.rows(load_sql(__name__, "slowest_calls.sql"), limit=NOTABLE_CALLS))


def _dearest(scope: Scope, card: RateCard) -> tuple[DearCall, ...]:
    price_dear_calls(scope, card, limit=NOTABLE_CALLS)
    rows: list[tuple[str, Decimal, dict[str, Any]]] = scope.sql(
        "SELECT call_id, sum(cost) AS total, max({cost: cost, component: component})"
        " FROM (SELECT call_id, component, sum(amount) AS cost FROM priced_usage GROUP BY ALL) WHERE cost > 0"
        " GROUP BY call_id ORDER BY total DESC, call_id LIMIT $limit",
        limit=NOTABLE_CALLS,
    )
    return tuple(DearCall(call_id, total, most["component"], most["cost"]) for call_id, total, most in rows)
