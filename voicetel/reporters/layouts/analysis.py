"""``voicetel analyze`` for people: what stands where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.events.metrics import ALL_LATENCIES, RESPONSE_LATENCY
from voicetel.reporters import formatting
from voicetel.reporters.document import PLAIN_VIEW, Document, Section, View
from voicetel.reporters.layouts.groups import group_sections
from voicetel.reporters.layouts.handling import handling_sections
from voicetel.reporters.layouts.notes import cost_notes, cost_warnings, input_notes, latency_notes, total_cell
from voicetel.reporters.table import UNPRICED, Column, Table
from voicetel.results import CellFormat
from voicetel.text_safety import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import tzinfo
    from decimal import Decimal

    from voicetel.analyzers.cost.results import Cost
    from voicetel.analyzers.interruptions.results import Interruptions
    from voicetel.analyzers.latency.results import LatencySummary
    from voicetel.analyzers.outcomes.results import Outcomes
    from voicetel.analyzers.overview.results import Analysis, AnalysisInput, Overview
    from voicetel.analyzers.sentiment.results import Sentiment, TurnSentiment
    from voicetel.results import Cell

COMPONENT_TITLES = {
    "stt": "STT",
    "llm": "LLM",
    "tts": "TTS",
    "realtime": "Realtime",
    "transport": "Transport",
    "other": "Platform, other",
}

_TITLES = {latency.name: latency.title for latency in ALL_LATENCIES}
_RESPONSE = RESPONSE_LATENCY.name


def analysis_document(analysis: Analysis, view: View = PLAIN_VIEW) -> Document:
    """The report over all calls or, where groups were asked for, one table per question with a row per group."""
    total = analysis.total
    return Document(
        headline(analysis.input, total, view.zone),
        tuple(group_sections(analysis)) if analysis.groups else tuple(_sections(total)),
        (
            *latency_notes(total.latency.values()),
            *cost_notes(total.cost),
            *input_notes(analysis.input),
            *analysis.notes,
        ),
        tuple(cost_warnings(total.cost)),
    )


def headline(inputs: AnalysisInput, report: Overview, zone: tzinfo) -> tuple[str, ...]:
    """Where from, how much, when, and what of it does not count."""
    parts = [", ".join(visible(path) for path in inputs.paths)]
    parts += [formatting.plural(report.calls, "call"), formatting.plural(report.turns or 0, "turn")]
    if report.duration_s is not None:
        parts.append(formatting.length_of_time(report.duration_s))
    if report.first_ts and report.last_ts:
        parts.append(formatting.period(report.first_ts, report.last_ts, zone))
    if report.incomplete_calls:
        parts.append(f"{formatting.count(report.incomplete_calls)} incomplete")
    if report.in_progress_calls:
        parts.append(f"{formatting.count(report.in_progress_calls)} in progress")
    if inputs.refused_lines:
        parts.append(f"{formatting.plural(inputs.refused_lines, 'line')} refused")
    return tuple(parts)


def _sections(report: Overview) -> Iterator[Section]:
    yield Section(table=latency_table(report.latency))
    yield Section(table=cost_table(report.cost))
    yield Section(table=outcome_table(report.outcomes), text=success_sentence(report.outcomes), beside=True)
    yield Section(title="Interruptions", text=interruption_sentence(report.interruptions))
    yield from handling_sections(report.handling)
    if report.sentiment.n:
        yield Section(title="Sentiment", text=sentiment_sentence(report.sentiment))
    if report.slowest:
        yield Section(table=_slowest(report))
    if report.dearest:
        yield Section(table=_most_expensive(report), beside=bool(report.slowest))


def latency_table(latency: Mapping[str, LatencySummary]) -> Table:
    """One row per latency that was measured, and always the response."""
    statistics = (("n", 0), ("avg", 5), ("min", 7), ("p50", 0), ("p90", 8), ("p95", 0), ("p99", 6), ("max", 4))
    measured = [each for each in latency.values() if each.statistics.n or each.name == _RESPONSE]
    rows: list[list[Cell]] = [
        [
            _TITLES[each.name] if each.name == _RESPONSE else f"  {_TITLES[each.name]}",
            *(getattr(each.statistics, name) for name, _ in statistics),
            formatting.blocks(each.histogram),
        ]
        for each in measured
    ]
    columns = [Column("latency", "Latency, ms")]
    columns += [
        Column(name, name, CellFormat.COUNT if name == "n" else CellFormat.MS, drop) for name, drop in statistics
    ]
    columns.append(Column("histogram", "min to p99", CellFormat.WHOLE, drop_priority=9))
    return Table(tuple(columns), rows)


def cost_table(cost: Cost) -> Table:
    """One row per component that was used, and the total, which is the rounded sum."""
    rows = [
        _cost_row(COMPONENT_TITLES[name], amount, cost)
        for name, amount in cost.components.items()
        if amount or (amount is None and cost.coverage is not None)
    ]
    columns = (
        Column("component", f"Cost, {visible(cost.currency)}"),
        Column("total", "total", CellFormat.MONEY),
        Column("per_call_avg", "per call", CellFormat.MONEY),
        Column("per_minute", "per minute", CellFormat.MONEY),
        Column("share", "share", CellFormat.SHARE),
    )
    total = _cost_row("Total", cost.total, cost) if cost.total is not None else ["Total", total_cell(cost), "", "", ""]
    return Table(columns, rows, total)


def _cost_row(title: str, amount: Decimal | None, cost: Cost) -> list[Cell]:
    if amount is None:
        return [title, UNPRICED, "", "", ""]
    if not cost.total:
        return [title, amount, cost.per_call_avg, cost.per_minute, None]
    share = amount / cost.total
    averages = (None if each is None else each * share for each in (cost.per_call_avg, cost.per_minute))
    return [title, amount, *averages, float(share)]


def outcome_table(outcomes: Outcomes) -> Table:
    """One row per way in which a call ended."""
    columns = (
        Column("outcome", "How calls ended"),
        Column("calls", "calls", CellFormat.COUNT),
        Column("share", "share", CellFormat.SHARE),
        Column("confidence_avg", "confidence", CellFormat.SCORE),
    )
    rows: list[list[Cell]] = [
        [each.outcome, each.calls, each.share, each.confidence_avg] for each in outcomes.shares if each.calls
    ]
    return Table(columns, rows)


def success_sentence(outcomes: Outcomes) -> str:
    """Success among the calls that somebody answered."""
    if not outcomes.answered:
        return "no call was answered"
    answered = formatting.plural(outcomes.answered, "answered call")
    if outcomes.success_rate is None:
        return f"the outcome of {answered} is unknown"
    successes = sum(each.calls for each in outcomes.shares if each.outcome == "success")
    return f"success {formatting.count(successes)} of {answered} ({formatting.percent(outcomes.success_rate)})"


def interruption_sentence(interruptions: Interruptions) -> str:
    """How often the caller stopped the agent, with what it is a share of."""
    turns = formatting.plural(interruptions.agent_turns or 0, "agent turn")
    rate = formatting.NOT_AVAILABLE if interruptions.rate is None else formatting.percent(interruptions.rate)
    if interruptions.count is None:
        return f"{formatting.NOT_AVAILABLE}: of {turns}, nothing says whether the caller stopped the agent"
    return f"{formatting.count(interruptions.count)} of {turns} ({rate})"


def sentiment_sentence(sentiment: Sentiment) -> str:
    """The mean feeling and how many calls it is known of."""
    average = formatting.NOT_AVAILABLE if sentiment.avg is None else formatting.rounded(sentiment.avg, 2)
    calls = f"{average} on average, −1 to 1, over {formatting.plural(sentiment.n or 0, 'call')}"
    if not (turns := sentiment.turns):
        return calls
    of_turns = f"of {formatting.plural(turns.n, 'caller turn')} with a score"
    kinds = ", ".join(f"{formatting.count(n)} {kind}" for kind, n in _kinds_of(turns).items())
    return f"{calls}; {of_turns} {kinds}"


def _kinds_of(turns: TurnSentiment) -> dict[str, int]:
    return {"good": turns.good, "neutral": turns.neutral, "bad": turns.bad}


def _slowest(report: Overview) -> Table:
    columns = (
        Column("call_id", "Slowest calls"),
        Column("eou_latency_ms", "response, ms", CellFormat.MS),
        Column("turn", "turn", CellFormat.COUNT),
        Column("blame", "of that"),
    )
    rows: list[list[Cell]] = [
        [
            each.call_id,
            each.eou_latency_ms,
            each.turn,
            ""
            if each.stage is None or each.stage_ms is None
            else f"{each.stage} {formatting.rounded(each.stage_ms, 0)} ms",
        ]
        for each in report.slowest
    ]
    return Table(columns, rows)


def _most_expensive(report: Overview) -> Table:
    columns = (
        Column("call_id", "Most expensive calls"),
        Column("cost_total", f"cost, {visible(report.cost.currency)}", CellFormat.MONEY),
        Column("blame", "of that"),
    )
    rows: list[list[Cell]] = [
        [each.call_id, each.cost, f"{each.component} {formatting.money(each.component_cost)}"]
        for each in report.dearest
    ]
    return Table(columns, rows)
