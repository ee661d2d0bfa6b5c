"""Reports that were made before of the same logs, by the same code, with the same prices and rules.

Making one anew takes seconds over a gigabyte of logs, and most runs ask what the run before asked.
"""

from __future__ import annotations

import datetime as dt
import decimal
import hashlib
import io
import pickle
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import duckdb

from voicetel.__about__ import __version__
from voicetel.analyzers.core import statistics
from voicetel.analyzers.cost import results as cost
from voicetel.analyzers.interruptions import results as interruptions
from voicetel.analyzers.latency import results as latency
from voicetel.analyzers.outcomes import results as outcomes
from voicetel.analyzers.overview import results as overview
from voicetel.analyzers.sentiment import results as sentiment
from voicetel.results import groups
from voicetel.store import answers

if TYPE_CHECKING:
    from voicetel.analyzers.core.selection import Selection
    from voicetel.analyzers.overview.results import Overview
    from voicetel.pricing import RateCard
    from voicetel.results import Group
    from voicetel.store import Store

Reports: TypeAlias = "tuple[Overview, tuple[Group[Overview], ...]]"
"""The figures over all calls, and those of each group."""

_ROOMS = ("analyzers", "events", "outcomes", "pricing", "results")
"""What a report is made by, apart from the rows."""

_CODE = {".py", ".sql", ".toml"}

_KNOWN = {
    ("decimal", "Decimal"): decimal.Decimal,
    ("datetime", "datetime"): dt.datetime,
    **{
        (module.__name__, name): each
        for module in (statistics, cost, interruptions, latency, outcomes, overview, sentiment, groups)
        for name, each in vars(module).items()
        if isinstance(each, type) and each.__module__ == module.__name__
    },
}
"""All that a report is built of. Nothing else is built, whatever a file in the cache asks for."""


def cache_key(card: RateCard, selection: Selection) -> bytes:
    """What a report depends on, the rows apart, as a hash."""
    asked = repr((_edition(), card, selection))
    return hashlib.blake2b(asked.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def recalled(store: Store, question: bytes) -> Reports | None:
    """The reports that answered ``question`` before."""
    kept = answers.recall(store, question)
    if kept is None:
        return None
    try:
        reports = _Reports(io.BytesIO(kept)).load()
    except (pickle.UnpicklingError, EOFError, AttributeError, TypeError, ValueError):
        return None
    return reports if isinstance(reports, tuple) and len(reports) == 2 else None


def remember(store: Store, question: bytes, reports: Reports) -> None:
    """Keep the reports for when ``question`` is asked again."""
    answers.remember(store, question, pickle.dumps(reports))


class _Reports(pickle.Unpickler):
    """Reads what ``remember`` wrote, and refuses to build anything else."""

    def find_class(self, module_name: str, global_name: str) -> Any:
        try:
            return _KNOWN[module_name, global_name]
        except KeyError:
            raise pickle.UnpicklingError(f"{module_name}.{global_name} is no part of a report") from None


@cache
def _edition() -> tuple[object, ...]:
    """Which code this is: a version that is being worked on has the same number all day."""
    root = Path(__file__).parents[2]
    code = sorted(path for room in _ROOMS for path in (root / room).rglob("*.*") if path.suffix in _CODE)
    stamps = ((path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in code)
    return (__version__, duckdb.__version__, *stamps)
