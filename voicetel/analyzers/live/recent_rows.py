"""Takes the rows of the last minutes out of the store, so that it can be closed again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from voicetel.analyzers.core.selection import Selection
from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.cost.rate_notes import rate_notes
from voicetel.analyzers.interruptions.interruptions import create_interruption_macros
from voicetel.analyzers.prepare import analysis_context
from voicetel.analyzers.priced_usage.usage import price_usage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.pricing import RateCard
    from voicetel.store import Store

_NO_COSTS = pa.schema(
    [
        ("call_id", pa.string()),
        ("ninths", pa.decimal128(38, 24)),
        ("billable", pa.int64()),
        ("covered", pa.int64()),
    ]
).empty_table()


@dataclass(frozen=True, slots=True)
class RecentRows:
    """Rows of what happened after ``since``: recent_turns, recent_calls, recent_costs as their .sql files name the columns."""

    since: datetime
    turns: pa.Table
    calls: pa.Table
    costs: pa.Table
    currency: str
    refused_lines: int
    warnings: tuple[str, ...]
    rate_notes: tuple[str, ...]


def newest_turn(store: Store) -> datetime | None:
    """When the newest turn began, UTC without a zone; None where there is none. A verdict that comes days later is no turn."""
    row = store.connection.execute("SELECT max(ts) FROM turns").fetchone()
    newest: datetime | None = row[0] if row else None
    return newest


def read_recent_rows(store: Store, card: RateCard, selection: Selection, since: datetime) -> RecentRows:
    """Everything of the selected calls that the figures of a period after ``since`` are made of. UTC without a zone."""
    context = analysis_context(store, selection)
    create_interruption_macros(context)
    turns = _table(context, "recent_turns.sql", since)
    calls = _table(context, "recent_calls.sql", since)
    ended = [
        call_id
        for call_id, ended in zip(*(calls.column(name).to_pylist() for name in ("call_id", "ended")), strict=True)
        if ended
    ]
    costs, doubtful = _costs(store, card, ended)
    return RecentRows(
        since=since,
        turns=turns,
        calls=calls,
        costs=costs,
        currency=card.currency,
        refused_lines=store.counts().rejected,
        warnings=tuple(store.warnings),
        rate_notes=doubtful,
    )


def _table(context: AnalysisContext, name: str, since: datetime) -> pa.Table:
    return context.connection.sql(load_sql(__name__, name), params={"since": since}).to_arrow_table()


def _costs(store: Store, card: RateCard, call_ids: Sequence[str]) -> tuple[pa.Table, tuple[str, ...]]:
    """What these calls cost, which alone are priced, and sentences on rates far off their list price."""
    if not call_ids:
        return _NO_COSTS, ()
    context = analysis_context(store, Selection(call_ids=tuple(call_ids)))
    price_usage(context, card)
    return context.connection.sql(load_sql(__name__, "recent_costs.sql")).to_arrow_table(), rate_notes(context, card)
