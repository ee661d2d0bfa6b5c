"""``voicetel analyze --by``: one compact table per question, a row per group, a total below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.analyzers.cost.results import COMPONENTS
from voicetel.reporters.document import Section
from voicetel.reporters.grid import UNPRICED, Column, Grid, Kind
from voicetel.reporters.text_safety import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from decimal import Decimal

    from voicetel.analyzers.overview.results import Analysis, Report
    from voicetel.reporters.grid import Cell

_LATENCIES = (
    ("eou_latency_ms", "response", 0),
    ("endpointing_ms", "end of turn", 24),
    ("stt_ttfb_ms", "STT", 23),
    ("llm_ttft_ms", "LLM first", 21),
    ("llm_latency_ms", "LLM whole", 25),
    ("tts_ttfb_ms", "TTS", 22),
    ("realtime_ttfb_ms", "realtime", 26),
    ("unattributed_ms", "nobody's", 27),
)
"""The order of columns, their short titles, and in which order a narrow terminal does without them."""


def group_sections(analysis: Analysis) -> Iterator[Section]:
    """Latency, cost, interruptions and outcomes of every group."""
    yield Section("Latency, ms", _latency(analysis))
    yield Section(f"Cost, {visible(analysis.total.cost.currency)}", _cost(analysis))
    yield Section("Interruptions", _interruptions(analysis))
    yield Section("How calls ended", _outcomes(analysis))


def _latency(analysis: Analysis) -> Grid:
    measured = {each.name for each in analysis.total.latency if each.statistics.n}
    columns = [Column("calls", "calls", Kind.COUNT, drop=3), Column("turns", "turns", Kind.COUNT, drop=4)]
    shown = [latency for latency in _LATENCIES if latency[0] in measured or not latency[2]]
    for name, title, drop in shown:
        columns.append(Column(f"{name}_p50", f"{title} p50", Kind.MS, drop))
        columns.append(Column(f"{name}_p95", "p95", Kind.MS, drop))

    def row(report: Report) -> list[Cell]:
        statistics = {each.name: each.statistics for each in report.latency}
        cells: list[Cell] = [report.calls, report.turns]
        for name, _, _ in shown:
            cells += [statistics[name].p50, statistics[name].p95]
        return cells

    return _grid(analysis, columns, row)


def _cost(analysis: Analysis) -> Grid:
    parts = analysis.total.cost.components
    used = [name for name in COMPONENTS if parts[name] is None or parts[name]]
    columns = [
        Column("cost_total", "total", Kind.MONEY),
        Column("cost_share", "share", Kind.SHARE, drop=2),
        Column("cost_per_call_avg", "per call", Kind.MONEY),
        Column("cost_per_minute", "per minute", Kind.MONEY, drop=1),
        *(Column(f"cost_{name}", name, Kind.MONEY, drop=10 + place) for place, name in enumerate(used)),
        Column("cost_coverage", "priced", Kind.SHARE, drop=3),
    ]
    total = analysis.total.cost.total

    def row(report: Report) -> list[Cell]:
        cost = report.cost
        share = float(cost.total / total) if total and cost.total is not None else None
        amounts = [_amount(cost.components[name]) for name in used]
        return [_amount(cost.total), share, cost.per_call_avg, cost.per_minute, *amounts, cost.coverage]

    return _grid(analysis, columns, row)


def _amount(amount: Decimal | None) -> Cell:
    return UNPRICED if amount is None else amount


def _interruptions(analysis: Analysis) -> Grid:
    columns = [
        Column("interruption_count", "count", Kind.COUNT),
        Column("agent_turns", "agent turns", Kind.COUNT),
        Column("interruption_rate", "rate", Kind.SHARE),
    ]

    def row(report: Report) -> list[Cell]:
        return [report.interruptions.count, report.interruptions.agent_turns, report.interruptions.rate]

    return _grid(analysis, columns, row)


def _outcomes(analysis: Analysis) -> Grid:
    names = [each.outcome for each in analysis.total.outcomes.shares if each.calls]
    others = [name for name in names if name != "success"]
    columns = [
        Column("calls", "calls", Kind.COUNT, drop=11),
        Column("answered", "answered", Kind.COUNT, drop=12),
        Column("outcome_success", "success", Kind.COUNT),
        Column("success_rate", "rate", Kind.SHARE),
        *(Column(f"outcome_{name}", name, Kind.COUNT, drop=10) for name in others),
    ]

    def row(report: Report) -> list[Cell]:
        calls = {each.outcome: each.calls for each in report.outcomes.shares}
        ended = report.outcomes
        found = (calls.get(name, 0) for name in others)
        return [report.calls, ended.answered, calls.get("success", 0), ended.success_rate, *found]

    return _grid(analysis, columns, row)


def _grid(analysis: Analysis, columns: Sequence[Column], row: Callable[[Report], list[Cell]]) -> Grid:
    by = [name for name, _ in analysis.groups[0].group]
    keys = [Column(name, name, Kind.KEY) for name in by]
    rows = [[*(value for _, value in report.group), *row(report)] for report in analysis.groups]
    total = ["Total", *[""] * (len(by) - 1), *row(analysis.total)]
    return Grid((*keys, *columns), rows, total)
