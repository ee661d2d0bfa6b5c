"""``voicetel check``: each limit beside its figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.gate.results import LimitStatus
from voicetel.reporters import formatting
from voicetel.reporters.document import PLAIN_VIEW, Document, Section, View
from voicetel.reporters.layouts.gate import gate_formatting
from voicetel.reporters.layouts.notes import far_off_notes, rate_warnings
from voicetel.reporters.table import Column, Table
from voicetel.results import CellFormat
from voicetel.text_safety import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicetel.gate.results import CheckedLimit, CheckResult
    from voicetel.results import Cell

_COLUMNS = (
    Column("result", "result", CellFormat.WHOLE),
    Column("metric", "metric", CellFormat.WHOLE),
    Column("limit", "limit", CellFormat.MS),
    Column("value", "value", CellFormat.MS),
    Column("interval", "95 % interval", CellFormat.MS, drop_priority=20),
    Column("n", "n", CellFormat.COUNT, drop_priority=30),
    Column("calls", "calls", CellFormat.COUNT, drop_priority=10),
    Column("note", "note", wrap_below=True),
)

_CSV_COLUMNS = (
    *(Column(name, name) for name in ("result", "name", "metric", "statistic", "operator")),
    Column("bound", "bound", CellFormat.QUANTITY),
    *(Column(name, name) for name in ("where", "level")),
    *(Column(name, name, CellFormat.QUANTITY) for name in ("value", "low", "high", "n", "calls")),
    *(Column(name, name) for name in ("certain", "reason", "place")),
)


def result_word(judged: CheckedLimit) -> str:
    """What became of a limit, in a word: ok, FAIL, warn or not judged."""
    if judged.is_failure:
        return "FAIL"
    if judged.status is LimitStatus.BROKEN:
        return "warn"
    return "ok" if judged.status is LimitStatus.PASSED else "not judged"


def limit_text(judged: CheckedLimit, currency: str) -> str:
    """A limit in full: eou_latency_ms p95 < 1500 ms (agent_name=clinic-booking)."""
    limit = judged.limit
    text = f"{limit.measure} {gate_formatting.bound(limit.operator, limit.bound, limit.measure.metric, currency)}"
    return f"{text} ({gate_formatting.where_text(limit.where)})" if limit.where else text


def finding(judged: CheckedLimit, currency: str) -> str:
    """One sentence on a limit: what was found, how sure it is, or why there is nothing to judge it by."""
    metric = judged.limit.measure.metric
    if judged.status is LimitStatus.NOT_JUDGED:
        return f"{limit_text(judged, currency)} was not judged: {judged.reason}"
    value = gate_formatting.with_unit(judged.value, metric, currency)
    word = "meets" if judged.status is LimitStatus.PASSED else "breaks"
    sentence = f"{value} {word} {limit_text(judged, currency)}; {_basis(judged)}"
    return f"{sentence}, 95 % interval {gate_formatting.span(judged.interval, metric)}" if judged.interval else sentence


def check_document(result: CheckResult, view: View = PLAIN_VIEW) -> Document:
    """The limits as a table, with what they mean for the job."""
    rows: list[list[Cell]] = []
    for judged in result.limits:
        limit, metric = judged.limit, judged.limit.measure.metric
        rows.append(
            [
                result_word(judged),
                str(limit.measure),
                gate_formatting.bound(limit.operator, limit.bound, metric, result.currency),
                gate_formatting.with_unit(judged.value, metric, result.currency),
                gate_formatting.span(judged.interval, metric),
                judged.n,
                judged.calls,
                _note(judged),
            ]
        )
    headline = (visible(result.source), *summary_parts(result), formatting.plural(result.calls, "call"))
    notes = ["The figure decides; the interval says where it would lie in other such calls (bootstrap over calls)."]
    notes += _not_judged(result)
    notes += [visible(warning) for warning in result.warnings]
    notes += far_off_notes(result.rate_notes)
    warnings = tuple(rate_warnings(result.rate_notes))
    return Document(headline, (Section(table=Table(_COLUMNS, rows)),), tuple(notes), warnings)


def _not_judged(result: CheckResult) -> Iterator[str]:
    """How many limits could not be judged, and where the number of calls stands that one asks for."""
    not_judged = sum(each.status is LimitStatus.NOT_JUDGED for each in result.limits)
    few = sum(each.is_short_of_calls for each in result.limits)
    if few:
        limits = formatting.plural(not_judged, "limit was", "limits were")
        those = "" if few == not_judged else f", {formatting.count(few)} of them"
        yield (
            f"{limits} not judged{those} for want of calls: `min_calls = N` says how many it takes, in"
            f" {visible(result.source)} below [defaults] or below one [[limit]]."
        )


def summary_parts(result: CheckResult) -> Iterator[str]:
    """How many limits came out how: 9 limits, 7 passed, 1 broken."""
    yield formatting.plural(len(result.limits), "limit")
    for word, count in (
        ("passed", sum(each.status is LimitStatus.PASSED for each in result.limits)),
        ("broken", sum(each.is_failure for each in result.limits)),
        ("warned of", sum(each.status is LimitStatus.BROKEN and not each.is_failure for each in result.limits)),
        ("not judged", sum(each.status is LimitStatus.NOT_JUDGED for each in result.limits)),
    ):
        if count:
            yield f"{count} {word}"


def check_table(result: CheckResult) -> Table:
    """Every limit with exact numbers, for CSV."""
    rows: list[list[Cell]] = []
    for judged in result.limits:
        limit, interval = judged.limit, judged.interval
        rows.append(
            [
                judged.status.value,
                limit.name,
                limit.measure.metric.name,
                limit.measure.statistic,
                limit.operator,
                limit.bound,
                gate_formatting.where_text(limit.where),
                limit.level,
                judged.value,
                interval.low if interval else None,
                interval.high if interval else None,
                judged.n,
                judged.calls,
                None if judged.certain is None else str(judged.certain).lower(),
                judged.reason,
                str(limit.location),
            ]
        )
    return Table(_CSV_COLUMNS, rows)


def _note(judged: CheckedLimit) -> str:
    parts = [visible(judged.limit.name)] if judged.limit.name else []
    if judged.limit.where:
        parts.append(gate_formatting.where_text(judged.limit.where))
    if judged.reason:
        parts.append(visible(judged.reason))
    elif judged.certain is False:
        parts.append("not certain: the interval includes the limit")
    return "; ".join(parts)


def _basis(judged: CheckedLimit) -> str:
    calls = formatting.plural(judged.calls, "call")
    return calls if judged.n == judged.calls else f"n = {formatting.count(judged.n)} in {calls}"
