"""``voicetel report``: every figure that a page about many calls shows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from voicetel.analyzers.calls.call_rows import call_rows
from voicetel.analyzers.calls.calls import calls
from voicetel.analyzers.conversation.conversation import conversations
from voicetel.analyzers.conversation.turn_range import TurnRange, max_turns_per_call
from voicetel.analyzers.core.dimensions import Level, check_dimensions
from voicetel.analyzers.core.no_calls import no_calls_error
from voicetel.analyzers.core.selection import Selection
from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.cost.bill import cost_table
from voicetel.analyzers.handling.results import SLOW_THRESHOLDS_MS
from voicetel.analyzers.overview.analyze import UNREAD_COLUMNS, analyze
from voicetel.analyzers.prepare import regrouped_context
from voicetel.analyzers.priced_usage.usage import price_usage
from voicetel.analyzers.report.model_figures import model_figures
from voicetel.analyzers.report.notable_calls import notable_calls
from voicetel.analyzers.report.response import SLOW_MS, response_times
from voicetel.analyzers.report.results import CallsReport, DayFigures, Direction, EndReason
from voicetel.analyzers.tools import tools
from voicetel.analyzers.turn_taking.turn_taking import turn_taking
from voicetel.pricing import exact_sum

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from decimal import Decimal

    import pyarrow as pa

    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.analyzers.cost.results import CostTable
    from voicetel.analyzers.request import Request
    from voicetel.pricing import RateCard

VERSIONS = ("agent_name", "agent_version")
"""What the groups of the page are unless something else is asked for."""

MAX_CALLS = 10_000
"""Calls that are listed; more make a file that mail servers refuse."""

_MAX_DRAWN_TURNS = 200
"""Turns of a call that is drawn: those around its slowest."""

_DRAWN_TURNS_PER_CALL, _MIN_DRAWN_TURNS = 50, 3000
"""Turns of all calls that are drawn, for each of them, and at least: longer calls have what shorter ones leave."""

_UNREAD_COLUMNS_OF_MANY = tuple(name for name in UNREAD_COLUMNS if name not in {"direction", "started_local"})
"""Columns of calls that no figure of the page is made of: where only some are listed, their rows are read by themselves."""

DEFAULT_WATERFALLS = 60
MAX_WATERFALLS = 500


def calls_report(
    request: Request,
    *,
    max_calls: int = MAX_CALLS,
    max_waterfalls: int = DEFAULT_WATERFALLS,
    slow_ms: float = SLOW_MS,
    slow_thresholds: tuple[str, ...] = (),
    with_text: bool = False,
    redact: Callable[[str], str] | None = None,
) -> CallsReport:
    """Every figure of the page, of the calls of ``request``; grouped by VERSIONS unless its selection says otherwise.

    Above ``slow_ms`` a response is slow on the page; ``slow_thresholds`` are those of ``analyze --slow``, by default the usual ones.

    ``max_calls`` calls are listed, those with the slowest turns, and ``max_waterfalls`` of them are there turn by turn, with what was
    said in them ``with_text``, through ``redact``. Raises NoDataError where there are no calls, UsageError for a dimension that is not one of calls.
    """
    store, card = request.store, request.rate_card
    by = request.selection.by or VERSIONS
    check_dimensions(by, Level.CALL, what="calls")
    request = replace(request, selection=replace(request.selection, by=by))
    thresholds = slow_thresholds or SLOW_THRESHOLDS_MS
    analysis = analyze(store, card, request.selection, slow_thresholds=thresholds)
    if not analysis.total.calls:
        raise no_calls_error(store, request.selection)
    ungrouped = request.grouped(()).context()
    _drop_tables(ungrouped, "materialized_latencies_with_group")
    models = model_figures(ungrouped, card)
    _drop_tables(ungrouped, "materialized_turn_models", "call_prompts")
    used_tools = tuple(line.figures for line in tools.tool_uses(ungrouped).lines)
    # The calls have been filtered; their groups change.
    bill = _cost_by_day(regrouped_context(store, request.selection, ("day",), UNREAD_COLUMNS), card)
    is_cut = analysis.total.calls > max_calls
    context = regrouped_context(store, request.selection, by, _UNREAD_COLUMNS_OF_MANY if is_cut else ())
    turn_taking_figures = turn_taking(context)
    _drop_tables(context, "turn_times", "speech_stretches", "interrupted_turns")
    context.run_on_calls(load_sql(__name__, "count_if_known.sql"))
    report = CallsReport(
        analysis=analysis,
        by=by,
        response=response_times(context, slow_ms, thresholds),
        turn_taking=turn_taking_figures.total,
        days=_days(context, bill),
        cost_by_day=bill,
        directions=tuple(Direction(*row) for row in context.rows(load_sql(__name__, "directions.sql"))),
        end_reasons=tuple(EndReason(*row) for row in context.rows(load_sql(__name__, "end_reasons.sql"))),
        models=models,
        tools=used_tools,
        calls=_shown_calls(context, request, max_calls, is_cut=is_cut),
        conversations=(),
    )
    drawn = _rows(report.calls, notable_calls(report.calls, max_waterfalls)).to_pylist()
    max_turns = max_turns_per_call(
        [row["turns"] for row in drawn], max(_MIN_DRAWN_TURNS, _DRAWN_TURNS_PER_CALL * len(drawn)), _MAX_DRAWN_TURNS
    )
    turn_range = TurnRange(max_turns=max_turns, around_slowest=True)
    drawn_conversations = conversations(store, card, drawn, with_text=with_text, redact=redact, turn_range=turn_range)
    return replace(report, conversations=drawn_conversations)


def _drop_tables(context: AnalysisContext, *tables: str) -> None:
    """Drop tables with a row for every turn, or for many, that no later figure reads: what comes after would have to spill."""
    context.run_on_calls("; ".join(f"DROP TABLE IF EXISTS {table}" for table in tables))


def _cost_by_day(context: AnalysisContext, card: RateCard) -> CostTable:
    price_usage(context, card, of_each_call=False)
    return cost_table(context, card, ("day", "component"))


def _days(context: AnalysisContext, bill: CostTable) -> tuple[DayFigures, ...]:
    amounts: defaultdict[str | None, list[Decimal]] = defaultdict(list)
    for line in bill.lines:
        if line.amount is not None:
            amounts[line.key["day"]].append(line.amount)
    costs = {day: exact_sum(each) for day, each in amounts.items()}
    return tuple(
        DayFigures(day, calls, answered, success, int(agent_turns), _whole(interruptions), costs.get(day))
        for day, calls, answered, success, agent_turns, interruptions in context.rows(
            load_sql(__name__, "day_figures.sql")
        )
    )


def _whole(number: int | None) -> int | None:
    return None if number is None else int(number)


def _shown_calls(context: AnalysisContext, request: Request, limit: int, *, is_cut: bool) -> pa.Table:
    """The rows of the ``limit`` calls with the slowest turns, in that order; ``is_cut``: there are more."""
    ids = [call_id for (call_id,) in context.rows(load_sql(__name__, "shown_calls.sql"), limit=limit)]
    if not is_cut:
        price_usage(context, request.rate_card)
        found = call_rows(context)
    else:
        found = calls(request.store, request.rate_card, Selection(call_ids=tuple(ids), tz=request.selection.tz))
    indexes = {call_id: index for index, call_id in enumerate(found.column("call_id").to_pylist())}
    return _rows(found, [indexes[call_id] for call_id in ids])


def _rows(table: pa.Table, indexes: Sequence[int]) -> pa.Table:
    """The rows at these indexes."""
    import pyarrow as pa  # noqa: PLC0415  where calls are listed

    return table.take(pa.array(indexes, pa.int64()))
