"""``voicetel trend`` for people: a line of blocks per metric, and a table of buckets."""

from __future__ import annotations

from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING

from voicetel.gate.metrics import find_metric
from voicetel.reporters import formatting
from voicetel.reporters.document import PLAIN_VIEW, Document, Section, View
from voicetel.reporters.layouts.notes import far_off_notes, rate_warnings
from voicetel.reporters.table import Column, Table
from voicetel.results import CellFormat
from voicetel.text_safety import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from voicetel.gate.trend.results import Trend, TrendLine
    from voicetel.results import Cell

SHOWN_BUCKETS = 60
"""Of the last of them a line of blocks is drawn; JSON and CSV have all."""

_FORMATS = {
    "ms": CellFormat.MS,
    "money": CellFormat.MONEY,
    "share": CellFormat.SHARE,
    "score": CellFormat.SCORE,
    "s": CellFormat.SECONDS,
    "count": CellFormat.MEAN,
}


def trend_document(trend: Trend, view: View = PLAIN_VIEW) -> Document:
    """A table for each metric, a row per bucket, and above it the whole as a line of blocks for each group."""
    of_money = any(find_metric(line.metric).unit == "money" for line in trend.lines)
    head = (f"by {trend.every}", *((visible(trend.currency),) if of_money else ()))
    notes, warnings = tuple(far_off_notes(trend.rate_notes)), tuple(rate_warnings(trend.rate_notes))
    return Document(head, tuple(_sections(trend)), notes, warnings)


def _sections(trend: Trend) -> Iterator[Section]:
    yield Section(table=_overview(trend))
    for (metric, _), lines in _by_metric(trend):
        yield Section(table=_table(trend, metric, lines))


def _by_metric(trend: Trend) -> list[tuple[tuple[str, str | None], list[TrendLine]]]:
    found: dict[tuple[str, str | None], list[TrendLine]] = {}
    for line in trend.lines:
        found.setdefault((line.metric, line.statistic), []).append(line)
    return list(found.items())


def _overview(trend: Trend) -> Table:
    """One row per metric and group: its range, and how it went from bucket to bucket."""
    columns = (
        Column("metric", "Metric"),
        *(Column(name, name, CellFormat.KEY) for name in trend.by),
        Column("lowest", "lowest"),
        Column("highest", "highest"),
        Column("latest", "latest"),
        Column("blocks", f"{trend.every} by {trend.every}", CellFormat.WHOLE),
    )
    rows: list[list[Cell]] = []
    for _, group in groupby(trend.lines, key=lambda line: (line.metric, line.statistic, tuple(line.key.values()))):
        lines = list(group)
        values = [_shown(line) for line in lines]
        known = [each for each in values if each is not None]
        title = f"{lines[0].metric} {lines[0].statistic or 'p95'}"
        ends = (min(known), max(known), known[-1]) if known else (None, None, None)
        texts = (_text(lines[0].metric, each) for each in ends)
        rows.append([title, *lines[0].key.values(), *texts, sparkline(values[-SHOWN_BUCKETS:])])
    return Table(columns, rows)


def _table(trend: Trend, metric: str, lines: Iterable[TrendLine]) -> Table:
    """One row per bucket and group."""
    lines = list(lines)
    unit = find_metric(metric).unit
    is_percentiles = lines[0].statistic is None
    title = lines[0].statistic or ""
    figures = (
        (Column("p50", "p50, ms", CellFormat.MS), Column("p95", "p95, ms", CellFormat.MS))
        if is_percentiles
        else (Column("value", title, _FORMATS[unit]),)
    )
    columns = (
        Column("bucket", metric, CellFormat.WHOLE),
        *(Column(name, name, CellFormat.KEY) for name in trend.by),
        Column("calls", "calls", CellFormat.COUNT),
        Column("n", "n", CellFormat.COUNT),
        *figures,
    )
    rows: list[list[Cell]] = [
        [
            line.bucket,
            *line.key.values(),
            line.calls,
            line.n,
            *([line.p50, line.p95] if is_percentiles else [line.amount if unit == "money" else line.value]),
        ]
        for line in lines
    ]
    return Table(columns, rows)


def _shown(line: TrendLine) -> float | None:
    """The one figure that a block stands for."""
    for each in (line.p95, line.value, line.amount):
        if each is not None:
            return float(each)
    return None


def _text(metric: str, value: float | None) -> str:
    if value is None:
        return formatting.NOT_AVAILABLE
    unit = find_metric(metric).unit
    if unit == "share":
        return formatting.percent(value)
    if unit == "count":
        return formatting.quantity(Decimal(repr(value)))
    if unit == "money":
        return formatting.money(Decimal(repr(value)))
    return formatting.rounded(value, {"ms": 0, "score": 2, "s": 1}[unit])


def sparkline(values: Iterable[float | None]) -> str:
    """Values as blocks, from the lowest to the highest; a blank where there is none. Equal values are of middle height."""
    values = list(values)
    known = [each for each in values if each is not None]
    if not known:
        return ""
    low, high = min(known), max(known)
    steps = len(formatting.BLOCKS) - 1
    return "".join(
        " "
        if each is None
        else formatting.BLOCKS[round((each - low) / (high - low) * steps) if high > low else steps // 2]
        for each in values
    )
