"""Every relation that analyzers read, made over one store, so that a .sql file can be run by itself."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from voicetel.analyzers.calls.call_rows import call_rows
from voicetel.analyzers.concurrency.concurrency import concurrency
from voicetel.analyzers.core.logged_details import create_logged_details
from voicetel.analyzers.core.select_calls import filter_calls, group_calls
from voicetel.analyzers.core.selection import ALL_CALLS, Selection
from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.cost.bill import cost_table
from voicetel.analyzers.dropoff.dropoff import create_state_steps
from voicetel.analyzers.latency.latency import LATENCY_VALUES_SQL, latency
from voicetel.analyzers.latency.latency_values import create_latency_values
from voicetel.analyzers.latency.stage_latencies import create_latencies_with_model, create_stage_latencies
from voicetel.analyzers.live.recent_rows import read_recent_rows
from voicetel.analyzers.models.models import create_request_costs, create_request_sums
from voicetel.analyzers.overview.overviews import overviews_of
from voicetel.analyzers.priced_usage.usage import price_expensive_calls, price_usage
from voicetel.analyzers.report.response import response_times
from voicetel.analyzers.sentiment.sentiment import score_turns
from voicetel.analyzers.speaking_rate.speaking_rate import count_words
from voicetel.analyzers.tools.tools import tool_uses
from voicetel.analyzers.turn_taking.turn_taking import turn_taking
from voicetel.analyzers.turns.turn_rows import operation_rows, turn_rows
from voicetel.analyzers.value_statistics.value_statistics import value_statistics
from voicetel.events.metrics import ALL_LATENCY_NAMES
from voicetel.gate.samples.take import sample
from voicetel.outcomes import load_rules
from voicetel.sentiment import Scorer
from voicetel.store import open_store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.pricing import RateCard
    from voicetel.store import Store


def _by_length(texts: Sequence[str], language: str | None) -> list[float]:
    """Texts of an even length are good, others bad."""
    return [0.5 if len(text) % 2 == 0 else -0.5 for text in texts]


def every_relation(store: Store, card: RateCard, by: Sequence[str] = ("agent_name",)) -> AnalysisContext:
    """A context whose connection has all of them."""
    sample(store, card)
    filter_calls(store, Selection())
    group_calls(store, Selection(by=("state_id", "model")))
    selection = Selection(by=tuple(by))
    filter_calls(store, selection, materialize=True)
    context = group_calls(store, selection, materialize=True)
    score_turns(store, context, Scorer("length", _by_length))
    overviews_of(context, card)
    matched = price_usage(context, card)
    call_rows(context)
    cost_table(context, card, ("component", "agent_name"))
    tool_uses(context)
    turn_taking(context)
    create_latency_values(context)
    latency(context, value_statistics(context, LATENCY_VALUES_SQL, ALL_LATENCY_NAMES))
    concurrency(context)
    create_stage_latencies(context)
    create_latencies_with_model(context)
    response_times(context)
    context.run_on_calls(load_sql("voicetel.analyzers.report.report", "count_if_known.sql"))
    turn_rows(context)
    operation_rows(context, card)
    create_request_costs(context, matched)
    create_request_sums(context, matched)
    create_state_steps(context)
    count_words(store, context)
    create_logged_details(store, ["room"])
    price_expensive_calls(context, matched, limit=3)
    price_usage(context, card)
    _register_recent(store, context, card)
    return context


def _register_recent(store: Store, context: AnalysisContext, card: RateCard) -> None:
    """``recent_turns``, ``recent_calls`` and ``recent_costs`` of all calls, and ``period_turns`` of a period that has all of them."""
    with open_store([*store.paths], load_rules(), cache=False) as other:
        rows = read_recent_rows(other, card, ALL_CALLS, datetime(2000, 1, 1))  # noqa: DTZ001  UTC without a zone
    for name, table in (("turns", rows.turns), ("calls", rows.calls), ("costs", rows.costs)):
        context.connection.register(f"recent_{name}", table)
    period = {"since": datetime(2000, 1, 1), "at": datetime(2100, 1, 1), "slow_ms": 1500.0}  # noqa: DTZ001  see above
    context.connection.execute(load_sql("voicetel.analyzers.live.live", "period_turns.sql"), period)
