"""``voicetel compare``: both figures side by side, the difference with its interval, and what can be said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voicetel.gate.results import Finding, LimitStatus
from voicetel.reporters import formatting
from voicetel.reporters.document import Document, Section
from voicetel.reporters.json_report import SCHEMA_VERSION
from voicetel.reporters.layouts.gate import gate_formatting
from voicetel.reporters.layouts.gate.check import interval_json, number_json
from voicetel.reporters.table import Column, Table
from voicetel.reporters.text_safety import visible
from voicetel.results import CellFormat

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicetel.gate.results import CheckedChange, Comparison, Difference, Side
    from voicetel.results import Cell

UNCLEAR = "~"

_COLUMNS = (
    Column("metric", "metric", CellFormat.WHOLE),
    Column("base", "BASE", CellFormat.MS),
    Column("new", "NEW", CellFormat.MS),
    Column("change", "change", CellFormat.MS),
    Column("interval", "interval", CellFormat.MS, drop_priority=10),
    Column("finding", "finding", CellFormat.WHOLE),
    Column("superiority", "NEW > BASE", CellFormat.MS, drop_priority=30),
    Column("sample", "sample", drop_priority=20),
)

_CHANGE_COLUMNS = (
    Column("result", "result", CellFormat.WHOLE),
    Column("fail_on", "fail on", CellFormat.WHOLE),
    Column("change", "change", CellFormat.MS),
    Column("interval", "interval", CellFormat.MS),
    Column("note", "note", wrap_below=True),
)

_CSV_COLUMNS = (
    *(Column(name, name) for name in ("metric", "statistic", "finding")),
    *(
        Column(name, name, CellFormat.QUANTITY)
        for name in ("base", "base_n", "base_calls", "new", "new_n", "new_calls", "change")
    ),
    Column("relative", "relative"),
    *(
        Column(name, name, CellFormat.QUANTITY)
        for name in ("low", "high", "level", "p", "superiority", "detectable", "calls_needed")
    ),
)

_RESULTS = {LimitStatus.PASSED: "ok", LimitStatus.BROKEN: "FAIL", LimitStatus.NOT_JUDGED: "not judged"}


def compare_document(result: Comparison) -> Document:
    """The comparison as tables, with what its signs mean."""
    headline = (
        f"BASE {visible(result.base)}: {formatting.plural(result.base_calls, 'call')}",
        f"NEW {visible(result.new)}: {formatting.plural(result.new_calls, 'call')}",
        f"money in {visible(result.currency)}",
    )
    sections = [Section(table=Table(_COLUMNS, [_row(each) for each in result.differences]))]
    if result.changes:
        sections.append(Section(table=Table(_CHANGE_COLUMNS, [_change_row(each) for each in result.changes])))
    return Document(headline, tuple(sections), tuple(_notes(result)))


def change_finding(judged: CheckedChange) -> str:
    """One sentence on a change that must not be."""
    fail_on = judged.fail_on
    metric = fail_on.measure.metric
    if judged.status is LimitStatus.NOT_JUDGED:
        return f"{fail_on.text} was not judged: {judged.reason}"
    change = gate_formatting.change(judged.change, metric, relative=fail_on.relative)
    span = gate_formatting.change_span(judged.interval, metric, relative=fail_on.relative)
    word = "is past" if judged.status is LimitStatus.BROKEN else "is not surely past"
    return f"{fail_on.measure} changed by {change} (interval {span}), which {word} the limit {fail_on.text}"


def compare_json(result: Comparison) -> dict[str, Any]:
    """Every difference and every change that must not be; ``exit_code`` is that of the command."""
    return {
        "schema_version": SCHEMA_VERSION,
        "base": {"name": result.base, "calls": result.base_calls},
        "new": {"name": result.new, "calls": result.new_calls},
        "currency": result.currency,
        "alpha": result.alpha,
        "correction": "holm",
        "seed": result.seed,
        "exit_code": int(result.exit_code),
        "differences": [_difference_json(each) for each in result.differences],
        "fail_on": [_change_json(each) for each in result.changes],
        "warnings": list(result.warnings),
    }


def compare_table(result: Comparison) -> Table:
    """Every difference with exact numbers, for CSV."""
    rows: list[list[Cell]] = []
    for each in result.differences:
        interval = each.interval
        rows.append(
            [
                each.measure.metric.name,
                each.measure.statistic,
                each.finding.value,
                *(cell for side in (each.base, each.new) for cell in (side.value, side.n, side.calls)),
                each.change,
                str(each.relative).lower(),
                *((interval.low, interval.high, interval.level) if interval else (None, None, None)),
                each.p,
                each.superiority,
                each.detectable,
                each.calls_needed,
            ]
        )
    return Table(_CSV_COLUMNS, rows)


def _row(each: Difference) -> list[Cell]:
    metric = each.measure.metric
    return [
        str(each.measure),
        gate_formatting.figure(each.base.value, metric),
        gate_formatting.figure(each.new.value, metric),
        gate_formatting.change(each.change, metric, relative=each.relative),
        gate_formatting.change_span(each.interval, metric, relative=each.relative),
        UNCLEAR if each.finding in {Finding.UNCLEAR, Finding.TOO_FEW} else each.finding.value,
        formatting.NOT_AVAILABLE if each.superiority is None else formatting.percent(each.superiority),
        _sample_text(each),
    ]


def _sample_text(each: Difference) -> str:
    if None in {each.base.value, each.new.value}:
        return "no figure on one side"
    return f"need about {formatting.count(_round_calls(each.calls_needed))} calls" if each.calls_needed else ""


def _round_calls(calls: int) -> int:
    """Two digits: more would promise too much."""
    step: int = 10 ** max(0, len(str(calls)) - 2)
    return -(-calls // step) * step


def _change_row(judged: CheckedChange) -> list[Cell]:
    metric, relative = judged.fail_on.measure.metric, judged.fail_on.relative
    note = judged.reason or ("" if judged.certain else "not certain: the interval includes the limit")
    return [
        _RESULTS[judged.status],
        judged.fail_on.text,
        gate_formatting.change(judged.change, metric, relative=relative),
        gate_formatting.change_span(judged.interval, metric, relative=relative),
        note,
    ]


def _notes(result: Comparison) -> Iterator[str]:
    alpha = formatting.percent(result.alpha).replace(".0 %", " %")
    yield (
        "Intervals come from a bootstrap over calls, each with all its turns, and are widened for the number of metrics "
        f"(Holm): between equals, anything at all is found in at most {alpha} of comparisons."
    )
    if any(each.finding in {Finding.UNCLEAR, Finding.TOO_FEW} for each in result.differences):
        yield f"{UNCLEAR}: the interval includes no change, or there are too few calls for one."
    if any(each.calls_needed and each.finding is Finding.UNCLEAR for each in result.differences):
        yield (
            "With so many calls on either side as are needed, a change of 10 % (5 points of a share, half of a share below 10 %, 0.1 of a score) "
            "is found 9 times out of 10."
        )
    yield "NEW > BASE: the chance that a turn (for latencies) or a call of NEW is above one of BASE; 50 % is no effect."
    yield from (visible(warning) for warning in result.warnings)


def _difference_json(each: Difference) -> dict[str, Any]:
    unit = each.measure.metric.unit
    return {
        "metric": each.measure.metric.name,
        "statistic": each.measure.statistic,
        "unit": unit,
        "better": each.measure.metric.better,
        "base": _side_json(each.base, unit),
        "new": _side_json(each.new, unit),
        "finding": each.finding.value,
        "change": each.change,
        "relative": each.relative,
        "interval": interval_json(each.interval),
        "p": each.p,
        "superiority": each.superiority,
        "detectable": each.detectable,
        "calls_needed": each.calls_needed,
    }


def _side_json(side: Side, unit: str) -> dict[str, Any]:
    return {"value": number_json(side.value, unit), "n": side.n, "calls": side.calls}


def _change_json(judged: CheckedChange) -> dict[str, Any]:
    fail_on = judged.fail_on
    return {
        "fail_on": fail_on.text,
        "metric": fail_on.measure.metric.name,
        "statistic": fail_on.measure.statistic,
        "limit": fail_on.change,
        "relative": fail_on.relative,
        "result": judged.status.value,
        "change": judged.change,
        "interval": interval_json(judged.interval),
        "certain": judged.certain,
        "reason": judged.reason,
    }
