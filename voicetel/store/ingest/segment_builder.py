"""Lines collected into the rows of one segment."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from voicetel.events.metrics import TURN_LATENCY_NAMES
from voicetel.store.ingest.latencies import MAX_LATENCY_US, endpointing_settings, latencies, synthesized_speech
from voicetel.store.ingest.lines.fast_path_checks import TURN
from voicetel.store.ingest.lines.numbers import Doubles, audio_spans, doubles, scaled, whole
from voicetel.store.ingest.operations import MAX_NAMES, OperationColumns, OperationDictionary, flat_operations
from voicetel.store.ingest.usage import days, usage_sums
from voicetel.store.segments.arrays import MISSING, column, is_true, is_valid, values
from voicetel.store.segments.schemas import (
    EVENTS,
    LATENCY_MS_TYPE,
    MS_TYPE,
    OPERATIONS,
    QUANTITY_TYPE,
    QUARANTINE,
    USAGE,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from voicetel.store.ingest.lines.line_reader import LineReader, QuarantineEntry, ValidLines
    from voicetel.store.segments.arrays import Integers

UNSUPPORTED_PREFIX = "unsupported: "
"""How validated_lines.sql begins the reason of a line that is good but not for this version."""
_MAX_TIME_US = 10**12
_INEXACT_FROM_MS = 1e13
_MAX_INT32 = 2**31 - 1
_MAX_QUANTITY_IN_MILLIONTHS = 10**15
_COPIED_COLUMNS = (
    "agent_name",
    "agent_version",
    "campaign",
    "direction",
    "language",
    "final_state",
    "end_reason",
    "amd",
    "outcome",
    "outcome_reason",
    "state_id",
    "user_spoke",
    "agent_spoke",
    "interrupted",
    "interrupted_by",
    "eou_from",
    "kind",
    "value",
)
_NUMBER_COLUMNS: dict[str, Callable[[Doubles], Integers]] = {
    "duration_s": lambda x: scaled(x, 3, 12, least=0),
    "sip_status": lambda x: whole(x, least=100, most=699),
    "outcome_confidence": lambda x: scaled(x, 6, 9, least=0, most=1),
    "user_confidence": lambda x: scaled(x, 6, 9, least=0, most=1),
    "sentiment": lambda x: scaled(x, 6, 9, least=-1, most=1),
    "interruption_count": lambda x: whole(x, least=0, most=_MAX_INT32),
    "turn": whole,
    "count": lambda x: whole(x, least=0),
}
"""Column of ``events`` → how it is made of the number that was read."""


@dataclass(slots=True)
class SegmentBuilder:
    """Rows of a segment to be. ``line_count``: all of them, the quarantined ones too."""

    reader: LineReader
    names: OperationDictionary
    line_count: int = 0
    _events: list[dict[str, Any]] = field(default_factory=list)
    _operations: list[dict[str, Any]] = field(default_factory=list)
    _names: list[Integers] = field(default_factory=list)
    _usage: list[dict[str, Any]] = field(default_factory=list)
    _quarantined: list[QuarantineEntry] = field(default_factory=list)

    def add(self, lines: list[ValidLines], quarantined: list[QuarantineEntry]) -> None:
        """The lines of a chunk. All that is worked out of them is worked out here, while they are in the processor's cache."""
        first_row = sum(len(each["ts"]) for each in self._events)
        events: list[dict[str, Any]] = []
        operations: list[OperationColumns] = []
        accepted_count = 0
        for each in lines:
            for batch, offset in _record_batches(each.columns):
                ops = flat_operations(batch, self.names)
                events.append(_event_columns(batch, ops, each, slice(offset, offset + batch.num_rows)))
                ops.row = ops.row + accepted_count
                operations.append(ops)
                accepted_count += batch.num_rows
        self._events += events
        if any(map(len, operations)):
            self._add_operations(events, _concatenated(operations), first_row)
        self._quarantined += quarantined
        self.line_count += accepted_count + len(quarantined)

    def _add_operations(self, events: list[dict[str, Any]], ops: OperationColumns, first_row: int) -> None:
        call_id = pa.concat_arrays([each["call_id"] for each in events])
        stream_id = np.concatenate([np.asarray(each["stream_id"]) for each in events]).astype(np.int64)
        day = days(np.concatenate([values(each["ts"]) for each in events]))
        self._usage.append(usage_sums(ops, self.names, call_id=call_id, stream_id=stream_id, day=day))
        self._operations.append(ops.columns(first_row))
        self._names.append(ops.name_number)

    def tables(self, segment: int) -> dict[str, Any]:
        """Relation → its rows, of relations that have any; the builder is empty afterwards."""
        found = {}
        if self._events:
            found["events"] = _table(EVENTS, segment, self._events)
        if self._operations:
            names = self.names.columns(np.concatenate(self._names))
            found["operations"] = _table(OPERATIONS, segment, self._operations, names)
            found["usage"] = _table(USAGE, segment, self._usage)
        if self._quarantined:
            found["quarantine"] = _quarantine(segment, self._quarantined)
        self._events, self._operations, self._names, self._usage, self._quarantined = [], [], [], [], []
        self.line_count = 0
        if len(self.names) > MAX_NAMES:
            self.names = OperationDictionary()
        return found


def _table(schema: Any, segment: int, pieces: list[dict[str, Any]], more: dict[str, Any] | None = None) -> Any:
    """Columns that were made piece by piece, some that were not (``more``), and the segment, as a table."""
    columns = {name: pa.chunked_array([each[name] for each in pieces]) for name in pieces[0]} | (more or {})
    rows = len(next(iter(columns.values())))
    columns["segment"] = pa.array(np.full(rows, segment, np.int32))
    return pa.table([columns[field.name] for field in schema], names=schema.names)


def _record_batches(columns: Any) -> list[tuple[Any, int]]:
    found, offset = [], 0
    for batch in columns.combine_chunks().to_batches():
        found.append((batch, offset))
        offset += batch.num_rows
    return found


def _event_columns(batch: Any, ops: OperationColumns, lines: ValidLines, at: slice) -> dict[str, Any]:
    """The columns of ``events`` but its segment."""
    rows = batch.num_rows
    hashes = lines.line_hash[at]
    is_turn = np.asarray(batch.column("event").indices) == TURN
    user_end, agent_start = _microseconds(batch.column("user_end")), _microseconds(batch.column("agent_start"))
    turn_latencies = latencies(ops, rows, _logged_microseconds(batch.column("eou")), user_end, agent_start)
    line_keys = np.where(is_valid(batch.column("line_key")), values(batch.column("line_key"), np.uint64), hashes)
    columns: dict[str, Any] = {
        "stream_id": pa.array(lines.stream_id[at].astype(np.int32)),
        "byte_offset": pa.array(lines.byte_offset[at]),
        "bytes": pa.array(lines.length[at].astype(np.int32)),
        "line_key": pa.array(line_keys),
        "line_hash": pa.array(hashes),
        "event": batch.column("event").cast(pa.string()),
        "ts": batch.column("ts"),
        "call_id": batch.column("call_id"),
        **{name: batch.column(name) for name in _COPIED_COLUMNS},
        **{
            name: column(of(doubles(batch.column(name))), EVENTS.field(name).type)
            for name, of in _NUMBER_COLUMNS.items()
        },
        "agent_spans": audio_spans(batch.column("agent_spans"), MS_TYPE),
        "operation_count": ops.count_column(rows),
        "unknown_values_line": column(
            np.where(is_true(batch.column("no_unknown_values")), MISSING, lines.line[at]), pa.int64()
        ),
    }
    times = {"user_start_ms": _microseconds(batch.column("user_start")), "user_end_ms": user_end}
    times |= {"agent_start_ms": agent_start, "agent_end_ms": _microseconds(batch.column("agent_end"))}
    for name, each in times.items():
        columns[name] = column(each, MS_TYPE, (each != MISSING) & (each < _MAX_TIME_US))
    impossible_bits = np.zeros(rows, np.uint8)
    for bit, name in enumerate(TURN_LATENCY_NAMES):
        each = turn_latencies[name]
        there = is_turn & (each != MISSING)
        possible = there & (each >= 0) & (each <= MAX_LATENCY_US[name])
        impossible_bits[there & ~possible] |= 1 << bit
        columns[name] = column(np.where(possible, each, 0), LATENCY_MS_TYPE, possible)
    setting = endpointing_settings(ops, rows)
    possible = is_turn & (setting >= 0) & (setting <= MAX_LATENCY_US["endpointing_ms"])
    columns["endpointing_setting_ms"] = column(np.where(possible, setting, 0), LATENCY_MS_TYPE, possible)
    for name, each in synthesized_speech(ops, rows).items():
        columns[name] = column(each, QUANTITY_TYPE, is_turn & (each != MISSING) & (each < _MAX_QUANTITY_IN_MILLIONTHS))
    columns["impossible_bits"] = pa.array(impossible_bits, mask=impossible_bits == 0)
    return columns


def _microseconds(array: Any) -> Integers:
    """Milliseconds after ts, in µs."""
    return scaled(doubles(array), 3, 16, least=0)


def _logged_microseconds(array: Any) -> Integers:
    """A latency as logged. One that is finite but too large to be exact is not unknown, it is impossible."""
    numbers = doubles(array)
    found = scaled(numbers, 3, 16)
    found[np.isfinite(numbers) & (np.abs(numbers) >= _INEXACT_FROM_MS)] = -1
    return found


def _concatenated(some: list[OperationColumns]) -> OperationColumns:
    if len(some) == 1:
        return some[0]

    def one(name: str) -> Integers:
        return np.concatenate([getattr(each, name) for each in some])

    def of(dicts: list[dict[str, Integers]]) -> dict[str, Integers]:
        return {
            name: np.concatenate(
                [each.get(name, np.full(len(ops), MISSING, np.int64)) for ops, each in zip(some, dicts, strict=True)]
            )
            for name in dict.fromkeys(name for each in dicts for name in each)
        }

    logged_charges, offset = {}, 0
    for each in some:
        logged_charges.update({index + offset: charge for index, charge in each.logged_charges.items()})
        offset += len(each)
    return OperationColumns(
        one("row"),
        one("name_number"),
        one("stage"),
        one("status"),
        of([each.times for each in some]),
        of([each.quantities for each in some]),
        logged_charges,
        np.concatenate([each.unreadable for each in some]),
    )


def _quarantine(segment: int, quarantined: list[QuarantineEntry]) -> Any:
    columns = {
        "segment": [segment] * len(quarantined),
        "stream_id": [each.stream_id for each in quarantined],
        "line": [each.line for each in quarantined],
        "byte_offset": [each.byte_offset for each in quarantined],
        "bytes": [each.bytes for each in quarantined],
        "unsupported": [each.reason.startswith(UNSUPPORTED_PREFIX) for each in quarantined],
        "reason": [each.reason.removeprefix(UNSUPPORTED_PREFIX) for each in quarantined],
    }
    return pa.table(columns, schema=QUARANTINE)
