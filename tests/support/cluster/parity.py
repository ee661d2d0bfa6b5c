"""What a report says on one machine, and on many: the same text."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from voicetel.analyzers.calls.call_rows_file import CallRowsFile
from voicetel.analyzers.core.no_calls import has_calls, no_calls_error
from voicetel.analyzers.request import Request
from voicetel.analyzers.validation.validation import validation
from voicetel.cluster.engine import answer
from voicetel.cluster.job import Job
from voicetel.cluster.routing.line_findings import VALIDATE
from voicetel.cluster.sample import SAMPLE
from voicetel.errors import NoDataError
from voicetel.gate.samples.take import sample
from voicetel.outcomes import load_rules
from voicetel.registry import find_report
from voicetel.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from support.example_logs.dealt_logs import Asked
    from voicetel.cluster.engine import Engine
    from voicetel.gate.samples.sample import Sample
    from voicetel.store.store import Store

REPORTS = (
    "analyze",
    "calls",
    "cost",
    "outcomes",
    "interruptions",
    "campaigns",
    "tools",
    "models",
    "dropoff",
    "concurrency",
    "trend",
    SAMPLE,
)


def on_one_machine(folder: Path | str, report: str, asked: Asked) -> str:
    """The JSON, or what is said where there is nothing."""
    with open_store([str(folder)], load_rules(), cache=False) as store:
        return of_store(store, report, asked)


def of_store(store: Store, report: str, asked: Asked) -> str:
    """The same from a store that is open."""
    try:
        if report == SAMPLE:
            found = sample(store, asked.card, replace(asked.selection, by=()), dimensions=asked.selection.by)
            if not len(found):
                raise no_calls_error(store, asked.selection)
            return _text_of_sample(found)
        if report == VALIDATE:
            if not any(store.counts()) and not has_calls(store):
                raise no_calls_error(store)
            return _text(report, validation(store))
        return _text(report, find_report(report).ask(Request(store, asked.selection, asked.card, load_rules())))
    except NoDataError as error:
        return f"{error} {error.hint}"


def on_many(engine: Engine, folder: Path | str, report: str, asked: Asked, buckets: int) -> str:
    """The same from an engine."""
    rules = load_rules()
    try:
        found = answer(engine, [str(folder)], lambda _: Job(report, asked.selection, asked.card, rules, buckets))
    except NoDataError as error:
        return f"{error} {error.hint}"
    return _text_of_sample(found.result) if report == SAMPLE else _text(report, found.result)


def _text_of_sample(found: Sample) -> str:
    """Everything that a sample has; of the turns of a call no order is stated."""
    turns = {
        name: sorted(zip(each.calls.tolist(), each.values.tolist(), strict=True)) for name, each in found.turns.items()
    }
    rest = (found.currency, found.lines, found.refused_lines, sorted(found.unlogged), found.rate_notes)
    columns = {name: found.calls.column(name) for name in found.calls.column_names}
    calls = {name: (str(column.type), column.to_pylist()) for name, column in columns.items()}
    return json.dumps([calls, turns, rest], default=str)


def _text(report: str, result: Any) -> str:
    text = json.dumps(find_report(report).json(result), default=str)
    if isinstance(result, CallRowsFile):
        result = result.to_table()
    if isinstance(result, pa.Table):  # tables say more than JSON does: types, and what makes amounts doubtful
        text += str((result.schema.remove_metadata(), result.schema.metadata))
    return text
