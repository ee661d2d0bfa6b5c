"""The list of calls: the first of them as a table that needs no script, all of them as columns for the script."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any

from voicetel.reporters import formatting
from voicetel.reporters.html import number_text
from voicetel.reporters.html.markup import Markup, element
from voicetel.reporters.html.page_shell import captioned, table
from voicetel.reporters.html.report.outcomes import OUTCOME_TITLES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from voicetel.analyzers.report.results import CallsReport
    from voicetel.reporters.html.options import PageOptions
    from voicetel.reporters.html.translator import Translator

PAGE_ROWS = 50
"""Rows at once."""

_SHARED = ("agent_name", "agent_version", "direction", "language", "outcome")
"""Columns of few values: each is written once and pointed at."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Column:
    """One column of the table. ``cell`` writes it, ``kind`` is its class; ``is_minor`` is not shown on narrow screens."""

    name: str
    title: str
    cell: Callable[[Row, tzinfo, Translator], str]
    kind: str = ""
    is_minor: bool = False


def listed_calls(report: CallsReport) -> list[Row]:
    """The rows of the list, with the columns that it shows."""
    shown = (*(column.name for column in _COLUMNS), *_SHARED, "unpriced_operations")
    rows: list[Row] = report.calls.select(list(dict.fromkeys(shown))).to_pylist()
    return rows


def calls(report: CallsReport, rows: Sequence[Row], options: PageOptions) -> Markup:
    """The section. ``rows`` are those of ``listed_calls``."""
    translate, total = options.translate, report.analysis.total.calls
    head = [_heading(column, report, translate) for column in _COLUMNS]
    body = [
        element(
            "tr",
            (
                element(
                    "td",
                    column.cell(row, options.zone, translate),
                    class_=_class(column, row),
                    dir="auto" if column.kind == "id" else None,
                )
                for column in _COLUMNS
            ),
        )
        for row in rows[:PAGE_ROWS]
    ]
    notes = [translate("The slowest turn first.")]
    if len(rows) < total:
        notes.append(
            translate(
                "The {n} slowest of {all}; voicetel calls --limit 0 lists them all.",
                n=number_text.count(len(rows)),
                all=number_text.count(total),
            )
        )
    if report.conversations:
        notes.append(translate("A call that is underlined opens as a waterfall."))
    notes.append(translate("+ beside a cost: some of its operations have no price."))
    title = translate("Calls")
    listed = table(head, body, class_="calls", label=title)
    tools = element("div", id="tools", hidden=True)
    pager = element("div", id="pager")
    return element(
        "section",
        element("h2", title),
        captioned(translate("The calls one by one"), " ".join(notes), tools, listed, pager, is_wide=True),
        id="calls",
    )


def calls_data(rows: Sequence[Row], options: PageOptions) -> dict[str, Any]:
    """The same as columns: figures rounded as they are shown, so that the script shows what a table without it shows."""
    values: dict[str, list[str | None]] = {}
    columns: dict[str, list[Any]] = {"call_id": [row["call_id"] for row in rows]}
    for name in _SHARED:
        places = {value: place for place, value in enumerate(dict.fromkeys(row[name] for row in rows))}
        values[name] = list(places)
        columns[name] = [places[row[name]] for row in rows]
    columns["started_at"] = [_minutes(row["started_at"], options.zone) for row in rows]
    for name in _WHOLE:
        columns[name] = [_number(row[name], number_text.whole) for row in rows]
    columns["cost_total"] = [_number(row["cost_total"], formatting.money) for row in rows]
    columns["is_partial"] = [int(row["unpriced_operations"] > 0) for row in rows]
    return {"columns": columns, "values": values}


_WHOLE = ("duration_s", "turns", "eou_latency_ms_p50", "eou_latency_ms_p95", "eou_latency_ms_max", "interruption_count")
"""Columns of figures that are shown as whole numbers."""


def _number(value: Any, write: Callable[[Any], str]) -> float | int | None:
    """A figure as ``write`` shows it: whole, or with what follows its point."""
    if value is None:
        return None
    shown = write(value).replace(",", "")
    return float(shown) if "." in shown else int(shown)


def _minutes(value: datetime, zone: tzinfo) -> int:
    """Minutes since 1970 on the clock of the zone."""
    local = formatting.in_zone(value, zone).replace(tzinfo=None)
    return int((local - datetime(1970, 1, 1)).total_seconds() // 60)  # noqa: DTZ001  a clock's face, of no zone


def _heading(column: _Column, report: CallsReport, translate: Translator) -> Markup:
    title = translate(column.title)
    if column.name == "cost_total":
        title = f"{title}, {report.analysis.total.cost.currency}"
    return element("th", title, scope="col", class_=_class(column) or None, data_column=column.name)


def _class(column: _Column, row: Row | None = None) -> str:
    outcome = f" is-{row['outcome']}" if row is not None and column.kind == "outcome" else ""
    return f"{column.kind}{outcome}{' minor' if column.is_minor else ''}".strip()


def _cost(row: Row, zone: tzinfo, translate: Translator) -> str:
    return number_text.money(row["cost_total"]) + ("+" if row["unpriced_operations"] else "")


def _agent(row: Row, zone: tzinfo, translate: Translator) -> str:
    return " ".join(row[name] for name in ("agent_name", "agent_version") if row[name])


def _rounded(name: str) -> Callable[[Row, tzinfo, Translator], str]:
    return lambda row, zone, translate: number_text.whole(row[name])


_COLUMNS = (
    _Column(
        "started_at", "started", lambda row, zone, translate: number_text.minute(row["started_at"], zone), is_minor=True
    ),
    _Column("call_id", "call", lambda row, zone, translate: row["call_id"], "id"),
    _Column("agent_name", "agent", _agent, is_minor=True),
    _Column("duration_s", "length, s", _rounded("duration_s"), "num", is_minor=True),
    _Column("turns", "turns", _rounded("turns"), "num", is_minor=True),
    _Column("eou_latency_ms_p50", "p50", _rounded("eou_latency_ms_p50"), "num", is_minor=True),
    _Column("eou_latency_ms_p95", "p95", _rounded("eou_latency_ms_p95"), "num", is_minor=True),
    _Column("eou_latency_ms_max", "max, ms", _rounded("eou_latency_ms_max"), "num"),
    _Column("interruption_count", "int.", _rounded("interruption_count"), "num", is_minor=True),
    _Column(
        "outcome", "outcome", lambda row, zone, translate: translate(OUTCOME_TITLES[str(row["outcome"])]), "outcome"
    ),
    _Column("cost_total", "cost", _cost, "num"),
)
