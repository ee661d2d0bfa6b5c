"""What a report says on one machine, and on many: the same text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from voicetel.analyzers.request import Request
from voicetel.cluster.engine import answer
from voicetel.cluster.job import Job
from voicetel.errors import NoDataError
from voicetel.outcomes import load_rules
from voicetel.registry import find_report
from voicetel.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from support.dealt_logs import Asked
    from voicetel.cluster.engine import Engine

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
)


def on_one_machine(folder: Path, report: str, asked: Asked) -> str:
    """The JSON, or what is said where there is nothing."""
    rules = load_rules()
    with open_store([str(folder)], rules, cache=False) as store:
        try:
            found = find_report(report).ask(Request(store, asked.selection, asked.card, rules))
        except NoDataError as error:
            return f"{error} {error.hint}"
    return _text(report, found)


def on_many(engine: Engine, folder: Path, report: str, asked: Asked, buckets: int) -> str:
    """The same from an engine."""
    rules = load_rules()
    try:
        found = answer(engine, [str(folder)], lambda _: Job(report, asked.selection, asked.card, rules, buckets))
    except NoDataError as error:
        return f"{error} {error.hint}"
    return _text(report, found.result)


def _text(report: str, result: Any) -> str:
    return json.dumps(find_report(report).json(result), default=str)
