"""``voicetel analyze --by``: one compact table per question, a row per group, a total below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.analyzers.core.dimensions import Level, find_dimension
from voicetel.pricing.units import COMPONENTS
from voicetel.reporters.document import Section
from voicetel.reporters.layouts.handling import handling_cells, handling_columns
from voicetel.reporters.table import NO_USAGE, UNPRICED, Column, Table
from voicetel.results import CellFormat
from voicetel.text_safety import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from decimal import Decimal

    from voicetel.analyzers.overview.results import Analysis, Overview
    from voicetel.results import Cell

_LATENCIES = (
    ("eou_latency_ms", "response", 0),
    ("endpointing_ms", "end of turn", 24),
    ("stt_ttfb_ms", "STT", 23),
    ("llm_ttft_ms", "LLM first", 21),
    ("llm_latency_ms", "LLM whole", 25),
    ("tts_ttfb_ms", "TTS", 22),
    ("realtime_ttfb_ms", "realtime", 26),
    ("unattributed_ms", "unattributed", 27),
)
"""The order of columns, their short titles, and in which order a narrow terminal does without them."""

NO_LATENCY = "none logged"
"""In place of a latency's name: operations of which no latency was logged."""


def group_sections(analysis: Analysis) -> Iterator[Section]:
    """Latency, cost, interruptions and outcomes of every group."""
    latency = _latency_of_operations if _is_of_operations(analysis) else _latency
    yield Section("Latency, ms", latency(analysis))
    yield Section(f"Cost, {visible(analysis.total.cost.currency)}", _cost(analysis))
    figures = [each.figures for each in analysis.groups]
    if any(each.interruptions.agent_turns is not None for each in figures):
        yield Section("Interruptions", _interruptions(analysis))
    if any(each.outcomes.answered is not None for each in figures):
        yield Section("How calls ended", _outcomes(analysis))
    if any(each.handling.transfers.handled is not None or each.handling.slow_turns.n for each in figures):
        yield Section("How calls were handled", _table(analysis, handling_columns(analysis.total.handling), _handling))


def _is_of_operations(analysis: Analysis) -> bool:
    return any(find_dimension(name).level is Level.OPERATION for name in analysis.groups[0].group)


def _latency(analysis: Analysis) -> Table:
    groups = [each.figures.latency for each in analysis.groups]
    measured = {name for name in analysis.total.latency if any(each[name].statistics.n for each in groups)}
    columns = [
        Column("calls", "calls", CellFormat.COUNT, drop_priority=3),
        Column("turns", "turns", CellFormat.COUNT, drop_priority=4),
    ]
    shown = [latency for latency in _LATENCIES if latency[0] in measured or not (latency[2] or measured)]
    for name, title, drop in shown:
        columns.append(Column(f"{name}_p50", f"{title} p50", CellFormat.MS, drop))
        columns.append(Column(f"{name}_p95", f"{title} p95", CellFormat.MS, drop))

    def row(report: Overview) -> list[Cell]:
        cells: list[Cell] = [report.calls, report.turns]
        for name, _, _ in shown:
            statistics = report.latency[name].statistics
            cells += [statistics.p50, statistics.p95]
        return cells

    return _table(analysis, columns, row)


def _latency_of_operations(analysis: Analysis) -> Table:
    """A row per group and latency that was measured in it: each stage has latencies of its own."""
    by = list(analysis.groups[0].group)
    columns = [
        *(Column(name, name, CellFormat.KEY) for name in by),
        Column("calls", "calls", CellFormat.COUNT, drop_priority=1),
        Column("latency", "latency", CellFormat.WHOLE),
        *(Column(name, name, CellFormat.COUNT if name == "n" else CellFormat.MS) for name in ("n", "p50", "p95")),
    ]

    def rows(keys: Sequence[Cell], report: Overview) -> Iterator[list[Cell]]:
        measured = [name for name, each in report.latency.items() if each.statistics.n]
        for name in measured or [""]:
            found = report.latency[name].statistics if name else None
            numbers: list[Cell] = [found.n, found.p50, found.p95] if found else ["", None, None]
            yield [*keys, report.calls, name or NO_LATENCY, *numbers]

    return Table(
        tuple(columns), [row for each in analysis.groups for row in rows(list(each.group.values()), each.figures)]
    )


def _cost(analysis: Analysis) -> Table:
    parts = analysis.total.cost.components
    # A stage is one component, and a model has no amount in those that it does nothing for.
    of_operations, by_stage = _is_of_operations(analysis), "stage" in analysis.groups[0].group
    used = [] if by_stage else [name for name in COMPONENTS if parts[name] is None or parts[name]]
    columns = [
        Column("cost_total", "total", CellFormat.MONEY),
        Column("cost_share", "share", CellFormat.SHARE, drop_priority=2),
        Column("cost_per_call_avg", "per call", CellFormat.MONEY),
        Column("cost_per_minute", "per minute", CellFormat.MONEY, drop_priority=1),
        Column("cost_per_answered", "per answered", CellFormat.MONEY, drop_priority=5),
        Column("cost_per_success", "per success", CellFormat.MONEY, drop_priority=4),
        *(Column(f"cost_{name}", name, CellFormat.MONEY, drop_priority=10 + index) for index, name in enumerate(used)),
        Column("cost_coverage", "priced", CellFormat.SHARE, drop_priority=3),
    ]
    total = analysis.total.cost.total

    def row(report: Overview) -> list[Cell]:
        cost = report.cost
        share = float(cost.total / total) if total and cost.total is not None else None
        amounts = [
            "" if of_operations and cost.components[name] == 0 else _amount(cost.components[name]) for name in used
        ]
        ratios = [cost.per_call_avg, cost.per_minute, cost.per_answered, cost.per_success]
        if cost.coverage is None and cost.total is None:
            return [NO_USAGE, *[""] * (len(columns) - 1)]
        return [_amount(cost.total), share, *ratios, *amounts, cost.coverage]

    return _without_empty_columns(_table(analysis, columns, row))


def _amount(amount: Decimal | None) -> Cell:
    return UNPRICED if amount is None else amount


def _without_empty_columns(table: Table) -> Table:
    """The columns that say something of at least one group: a cost per call, for one, is known of all calls alone."""
    kept = [
        index
        for index, column in enumerate(table.columns)
        if column.format is CellFormat.KEY or any(row[index] not in {None, ""} for row in table.rows)
    ]

    def chosen(row: Sequence[Cell]) -> list[Cell]:
        return [row[index] for index in kept]

    total = None if table.total is None else chosen(table.total)
    return Table(tuple(table.columns[index] for index in kept), [chosen(row) for row in table.rows], total)


def _interruptions(analysis: Analysis) -> Table:
    columns = [
        Column("interruption_count", "count", CellFormat.COUNT),
        Column("agent_turns", "agent turns", CellFormat.COUNT),
        Column("interruption_rate", "rate", CellFormat.SHARE),
    ]

    def row(report: Overview) -> list[Cell]:
        return [report.interruptions.count, report.interruptions.agent_turns, report.interruptions.rate]

    return _table(analysis, columns, row)


def _outcomes(analysis: Analysis) -> Table:
    names = [name for name, calls in analysis.total.outcomes.calls.items() if calls]
    others = [name for name in names if name != "success"]
    columns = [
        Column("calls", "calls", CellFormat.COUNT, drop_priority=11),
        Column("answered", "answered", CellFormat.COUNT, drop_priority=12),
        Column("outcome_success", "success", CellFormat.COUNT),
        Column("success_rate", "rate", CellFormat.SHARE),
        *(Column(f"outcome_{name}", name, CellFormat.COUNT, drop_priority=10) for name in others),
    ]

    def row(report: Overview) -> list[Cell]:
        ended = report.outcomes
        found = (ended.calls[name] for name in others)
        return [report.calls, ended.answered, ended.calls["success"], ended.success_rate, *found]

    return _table(analysis, columns, row)


def _handling(report: Overview) -> list[Cell]:
    return handling_cells(report.handling)


def _table(analysis: Analysis, columns: Sequence[Column], row: Callable[[Overview], list[Cell]]) -> Table:
    by = list(analysis.groups[0].group)
    keys = [Column(name, name, CellFormat.KEY) for name in by]
    rows = [[*each.group.values(), *row(each.figures)] for each in analysis.groups]
    total = ["Total", *[""] * (len(by) - 1), *row(analysis.total)]
    return Table((*keys, *columns), rows, total)
