"""The documents that programs read. ``schemas`` describes them; money is a string of digits, exact."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from voicetel.reporters.text_safety import json_document
from voicetel.results import digits, rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from voicetel.analyzers.cost.results import Cost, CostTable
    from voicetel.analyzers.latency.results import LatencySummary
    from voicetel.analyzers.outcomes.results import Outcomes
    from voicetel.analyzers.overview.results import Analysis, Report
    from voicetel.analyzers.sentiment.results import Sentiment
    from voicetel.results import Cell

SCHEMA_VERSION = 1
"""Goes up when a field changes its meaning or goes away; new fields may come without notice."""

STATISTICS = ("n", "avg", "min", "p50", "p90", "p95", "p99", "max")


def json_text(document: object) -> str:
    """``document`` as an indented JSON text with a line end, safe to show."""
    return json_document(json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)) + "\n"


def json_list(documents: Iterable[object]) -> Iterator[str]:
    """A JSON list, one document a line, made as it is read."""
    before = "[\n"
    for document in documents:
        yield before + json_document(json.dumps(document, ensure_ascii=False, allow_nan=False))
        before = ",\n"
    yield "\n]\n" if before != "[\n" else "[]\n"


def analysis_json(analysis: Analysis) -> dict[str, Any]:
    """``voicetel analyze``: the figures over all calls and, where groups were asked for, those of each."""
    source = analysis.input
    document: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "paths": list(source.paths),
        "refused_lines": source.refused_lines,
        "unsupported_lines": source.unsupported_lines,
        "pending_bytes": source.pending_bytes,
        "warnings": list(source.warnings),
        **report_json(analysis.total),
    }
    if analysis.groups:
        document["groups"] = [{"group": dict(report.group), **report_json(report)} for report in analysis.groups]
    return document


def report_json(report: Report) -> dict[str, Any]:
    """Every figure of one set of calls."""
    return {
        "calls": report.calls,
        "turns": report.turns,
        "incomplete_calls": report.incomplete_calls,
        "in_progress_calls": report.in_progress_calls,
        "duration_s": number(report.duration_s),
        "first_ts": _moment(report.first_ts),
        "last_ts": _moment(report.last_ts),
        "latency": {each.name: _latency(each) for each in report.latency},
        "usage": {name: number(amount) for name, amount in report.usage.items()},
        "cost": cost_json(report.cost),
        "interruptions": {
            "count": report.interruptions.count,
            "agent_turns": report.interruptions.agent_turns,
            "rate": report.interruptions.rate,
        },
        "outcomes": outcomes_json(report.outcomes),
        "sentiment": _sentiment(report.sentiment),
        "slowest": [
            {
                "call_id": each.call_id,
                "eou_latency_ms": each.eou_latency_ms,
                "turn": each.turn,
                "stage": each.stage,
                "stage_ms": each.stage_ms,
            }
            for each in report.slowest
        ],
        "dearest": [
            {
                "call_id": each.call_id,
                "cost": digits(each.cost),
                "component": each.component,
                "component_cost": digits(each.component_cost),
            }
            for each in report.dearest
        ],
    }


def cost_json(cost: Cost) -> dict[str, Any]:
    """A cost with its parts, which add up to ``total``, and what is not in it. Null: nothing of it has a price."""
    return {
        "currency": cost.currency,
        "total": money(cost.total),
        **{name: money(amount) for name, amount in cost.components.items()},
        "per_call_avg": money(cost.per_call_avg),
        "per_minute": money(cost.per_minute),
        "coverage": cost.coverage,
        "unpriced": [
            {
                "stage": each.stage,
                "provider": each.provider,
                "model": each.model,
                "operations": each.operations,
                "quantities": quantities_json(each.quantities),
            }
            for each in cost.unpriced
        ],
        "billed_in_other_currencies": {
            currency: digits(amount) for currency, amount in cost.billed_in_other_currencies.items()
        },
        "unmetered_user_turns": cost.unmetered_user_turns,
        "card": cost.card,
        "notes": list(cost.notes),
    }


def cost_table_json(table: CostTable) -> dict[str, Any]:
    """``voicetel cost``: the lines of the bill, which add up to the total."""
    return {
        "schema_version": SCHEMA_VERSION,
        "by": list(table.by),
        "lines": [
            {
                **dict(zip(table.by, line.key, strict=True)),
                "amount": money(line.amount),
                "share": line.share,
                "operations": line.operations,
                "unpriced_operations": line.unpriced_operations,
                "quantities": quantities_json(line.quantities),
            }
            for line in table.lines
        ],
        "cost": cost_json(table.cost),
    }


def call_json(call: Mapping[str, Cell]) -> dict[str, Any]:
    """One call, of ``voicetel calls``."""
    return {name: money(value) if name.startswith("cost_") else _value(value) for name, value in call.items()}


def quantities_json(quantities: Mapping[str, Decimal]) -> dict[str, float | int | None]:
    """What was used, by name of quantity."""
    return {name: number(amount) for name, amount in quantities.items()}


def number(value: Decimal | None) -> float | int | None:
    """A quantity or a time as a JSON number, whole where it is whole."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def money(value: Any) -> str | None:
    """An amount as a string of digits."""
    return None if value is None else digits(value)


def _value(value: Cell) -> Cell:
    if isinstance(value, Decimal):
        return number(value)
    return rfc3339(value) if isinstance(value, datetime) else value


def _moment(value: datetime | None) -> str | None:
    return None if value is None else rfc3339(value)


def _latency(summary: LatencySummary) -> dict[str, Any]:
    figures = {name: getattr(summary.statistics, name) for name in STATISTICS}
    return {**figures, "impossible": summary.impossible}


def _sentiment(sentiment: Sentiment) -> dict[str, Any]:
    figures: dict[str, Any] = {"n": sentiment.n, "avg": sentiment.avg}
    if turns := sentiment.turns:
        figures["turns"] = {
            "turns": turns.turns,
            "n": turns.n,
            "avg": turns.avg,
            "good": turns.good,
            "neutral": turns.neutral,
            "bad": turns.bad,
        }
    return figures


def outcomes_json(outcomes: Outcomes) -> dict[str, Any]:
    """Calls by how they ended, and how sure that is."""
    return {
        **{each.outcome: each.calls for each in outcomes.shares},
        "answered": outcomes.answered,
        "success_rate": outcomes.success_rate,
        "confidence_avg": {each.outcome: each.confidence_avg for each in outcomes.shares},
    }
