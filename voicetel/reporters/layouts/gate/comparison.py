"""``voicetel compare``: both figures side by side, the difference with its interval, and what can be said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.gate.results import Finding, LimitStatus
from voicetel.reporters import formatting
from voicetel.reporters.document import PLAIN_VIEW, Document, Section, View
from voicetel.reporters.layouts.gate import gate_formatting
from voicetel.reporters.layouts.notes import far_off_notes, rate_warnings
from voicetel.reporters.table import Column, Table
from voicetel.results import CellFormat
from voicetel.text_safety import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicetel.gate.results import CheckedChange, Comparison, Difference
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


def compare_document(result: Comparison, view: View = PLAIN_VIEW) -> Document:
    """The comparison as tables, with what its signs mean."""
    headline = (
        f"BASE {visible(result.base)}: {formatting.plural(result.base_calls, 'call')}",
        f"NEW {visible(result.new)}: {formatting.plural(result.new_calls, 'call')}",
        f"money in {visible(result.currency)}",
    )
    sections = [Section(table=Table(_COLUMNS, [_row(each) for each in result.differences]))]
    if result.changes:
        sections.append(Section(table=Table(_CHANGE_COLUMNS, [_change_row(each) for each in result.changes])))
    notes, warnings = tuple(_notes(result)), tuple(rate_warnings(result.rate_notes))
    return Document(headline, tuple(sections), notes, warnings)


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
    yield from far_off_notes(result.rate_notes)
