"""The fast path: which rows of the typed reader say all that their lines say, so that the slow path's exact rules need not be asked."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from voicetel.events.fields import EVENTS
from voicetel.store.column_types import operation_fields
from voicetel.store.ingest.lines.numbers import doubles
from voicetel.store.ingest.lines.text_hashes import text_hashes
from voicetel.store.ingest.lines.timestamps import recorder_timestamps
from voicetel.store.ingest.lines.value_checks import MAX_TIME, fits, is_amount
from voicetel.store.segments.arrays import MISSING, column, flatten, is_true, is_valid, values

if TYPE_CHECKING:
    from collections.abc import Callable

    from voicetel.events.fields import Field
    from voicetel.store.ingest.lines.text_hashes import Hashes
    from voicetel.store.segments.arrays import Flags, Integers

TURN = 1
"""Place of ``turn`` among the names of the type event_name."""

_CHECK_COLUMNS = frozenset({"has_usual_envelope", "has_spans", "tags_are_texts"})
"""Columns that are read for what they say of the line."""
_OPERATION_NUMBERS = tuple(field for field in operation_fields() if field.kind in {"number", "integer"})
_PLAUSIBLE_US = tuple(np.array(["1900-01-01", "2200-01-01"], "datetime64[us]").astype(np.int64).tolist())
_TIMESTAMP = pa.timestamp("us")


def check_fast_path(typed: Any, timestamps: Callable[[Any], Any]) -> tuple[Flags, Any]:
    """Which rows are exact, saying all that their lines say, and the columns with their times read.

    A row is taken for exact where its envelope has its usual form and no value is out of its bounds. A line whose row is not goes on
    the slow path.
    ``timestamps`` reads times that are written in a way of their own.
    """
    pieces = [_check_batch(batch, timestamps) for batch in typed.combine_chunks().to_batches()]
    is_exact = np.concatenate([flags for flags, _ in pieces]) if pieces else np.zeros(0, np.bool_)
    return is_exact, pa.Table.from_batches([batch for _, batch in pieces]) if pieces else typed


def _check_batch(batch: Any, timestamps: Callable[[Any], Any]) -> tuple[Flags, Any]:
    texts = batch.column("ts")
    ts = recorder_timestamps(texts)
    other = np.flatnonzero((ts == MISSING) & is_valid(texts))
    if len(other):
        ts[other] = timestamps(texts.take(pa.array(other)))
    user, agent = is_true(batch.column("user_spoke")), is_true(batch.column("agent_spoke"))
    event = batch.column("event")
    is_turn = is_valid(event) & (np.asarray(event.indices) == TURN)
    is_exact = (
        is_true(batch.column("has_usual_envelope"))
        & is_true(batch.column("tags_are_texts"))
        & is_valid(event)
        & (ts >= _PLAUSIBLE_US[0])
        & (ts < _PLAUSIBLE_US[1])
        & (~user | is_valid(batch.column("user_start")) | is_valid(batch.column("user_end")))
        & (~agent | is_valid(batch.column("agent_start")) | is_valid(batch.column("agent_end")))
    )
    is_exact &= _numbers_fit(batch) & _spans_fit(batch) & _enumerations_fit(batch)
    is_exact[_rows_of_unusual_operations(batch.column("operations"))] = False
    columns = {name: batch.column(name) for name in batch.schema.names if name not in _CHECK_COLUMNS}
    columns["ts"] = column(ts, _TIMESTAMP)
    columns["no_unknown_values"] = _boolean_column(is_exact)
    columns["user_spoke"], columns["agent_spoke"] = _boolean_column(user & is_turn), _boolean_column(agent & is_turn)
    return is_exact, pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))


@cache
def _numbers() -> dict[str, Field]:
    """Column → the field whose number it is."""
    scalars = {field.name: field for event in EVENTS.values() for field in event if field.kind in {"integer", "number"}}
    inner = {
        f"{name}_{field.name.removesuffix('_ms')}": field
        for name in ("user", "agent")
        for each in EVENTS["turn"]
        if each.name == name
        for field in each.fields
        if field.kind in {"integer", "number"}
    }
    scalars["eou"] = scalars.pop("eou_latency_ms")
    return scalars | inner


def _numbers_fit(batch: Any) -> Flags:
    """The rows none of whose numbers is out of bounds."""
    found = np.ones(len(batch), np.bool_)
    for name, field in _numbers().items():
        array = batch.column(name)
        if array.null_count < len(array):
            found &= fits(values(array, np.float64), is_valid(array), field)
    return found


@cache
def _enumerations() -> dict[str, Hashes]:
    """Column → the hashes of the words that its field may have, of fields that may have no others."""
    fields = {field.name: field for event in EVENTS.values() for field in event}
    fields |= {field.name: field for field in fields["agent"].fields if field.name == "interrupted_by"}
    return {name: _hashes(field) for name, field in fields.items() if field.values and not field.open_values}


def _hashes(field: Field) -> Hashes:
    return text_hashes(pa.array(field.values, pa.string()))


def _enumerations_fit(batch: Any) -> Flags:
    """The rows whose texts are words of their fields, where these have any."""
    found = np.ones(len(batch), np.bool_)
    for name, known in _enumerations().items():
        found &= _are_among(batch.column(name), known)
    return found


def _are_among(array: Any, known: Hashes) -> Flags:
    there = is_valid(array)
    return ~there | np.isin(text_hashes(array), known) if there.any() else ~there


def _spans_fit(batch: Any) -> Flags:
    """The rows whose spans are pairs of times in their order."""
    spans = batch.column("agent_spans")
    found = ~is_true(batch.column("has_spans")) | is_valid(spans)
    pairs, row = flatten(spans)
    if len(pairs):
        numbers, pair = flatten(pairs)
        times = doubles(numbers)
        is_pair = np.bincount(pair, minlength=len(pairs)) == 2
        found[row[~is_pair]] = False
        times, pair = times[is_pair[pair]], pair[is_pair[pair]]
        start, end = times[::2], times[1::2]
        in_order = (start >= 0) & (start <= end) & (end < MAX_TIME)
        found[row[pair[::2][~in_order]]] = False
    return found


@cache
def _statuses() -> Hashes:
    return next(_hashes(field) for field in operation_fields() if field.name == "status")


def _rows_of_unusual_operations(operations: Any) -> Integers:
    """The rows with an operation that has no stage, a number that is out of bounds, or a cost that is no amount."""
    items, row = flatten(operations)
    fine = is_valid(items) & is_valid(items.field("stage"))
    for field in _OPERATION_NUMBERS:
        array = items.field(field.name)
        if array.null_count < len(array):
            fine &= fits(values(array, np.float64), is_valid(array), field)
    fine &= _are_among(items.field("status"), _statuses())
    cost, currency = items.field("cost"), items.field("currency")
    for nth in np.flatnonzero(is_valid(cost) | is_valid(currency)).tolist():
        fine[nth] &= is_amount(cost[nth].as_py(), currency[nth].as_py())
    return row[~fine]


def _boolean_column(flags: Flags) -> Any:
    return pa.Array.from_buffers(pa.bool_(), len(flags), [None, pa.py_buffer(np.packbits(flags, bitorder="little"))])
