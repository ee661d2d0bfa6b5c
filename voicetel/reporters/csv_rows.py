"""CSV: one header, exact numbers, empty where unknown. Text cells are guarded against spreadsheets, numbers are not."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from voicetel.reporters.json_report import report_json
from voicetel.reporters.table import exact
from voicetel.reporters.text_safety import csv_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from voicetel.analyzers.overview.results import Analysis
    from voicetel.reporters.table import Column, Table
    from voicetel.results import Cell

_BUFFER_CHARS = 64 * 1024

_PREFIXES = {"latency": "", "usage": "", "cost": "cost_", "interruptions": "interruption_", "outcomes": "outcome_"}
"""What stands before the names of an object's members, so that columns have the names they have in ``voicetel calls``."""

_NAMES = {
    "interruption_agent_turns": "agent_turns",
    "outcome_answered": "answered",
    "outcome_success_rate": "success_rate",
}


def table_csv(table: Table) -> Iterator[str]:
    """A table as CSV, without its row of totals: a total among the rows would be added up with them."""
    return rows_csv(table.columns, table.rows)


def rows_csv(columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """Rows of cells as CSV, in pieces of some size."""
    return _written(
        [column.name for column in columns],
        ([csv_text(cell) if isinstance(cell, str) else exact(cell) for cell in row] for row in rows),
    )


def analysis_csv(analysis: Analysis) -> Iterator[str]:
    """One row per group, or one over all calls; the figures have the names they have in JSON and in ``voicetel calls``."""
    rows = []
    for report in analysis.groups or (analysis.total,):
        key = {name: "" if value is None else csv_text(value) for name, value in report.group}
        figures = _flat(report_json(report))
        rows.append({**key, **{name: _cell(value) for name, value in figures.items()}})
    return _written(list(rows[0]), (list(row.values()) for row in rows))


def _flat(document: Mapping[str, Any]) -> dict[str, Any]:
    """The single figures of a report by name. Lists, and what objects within objects hold, are JSON's alone."""
    flat: dict[str, Any] = {}
    for name, value in document.items():
        if not isinstance(value, dict):
            flat[name] = value
            continue
        prefix = _PREFIXES.get(name, f"{name}_")
        for key, member in value.items():
            if isinstance(member, dict) and name == "latency":
                flat |= {f"{key}_{statistic}": figure for statistic, figure in member.items()}
            else:
                flat[_NAMES.get(f"{prefix}{key}", f"{prefix}{key}")] = member
    return {name: value for name, value in flat.items() if not isinstance(value, (dict, list))}


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return csv_text(value) if isinstance(value, str) else str(value)


def _written(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(head)
    for row in rows:
        writer.writerow(row)
        if buffer.tell() > _BUFFER_CHARS:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()
