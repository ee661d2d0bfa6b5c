"""A summary as a file of the store: rows of queries, and sorted lists of values that are read where they are needed."""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from voicetel.store.segments.files import checksum_of
from voicetel.store.segments.stored_results import Summary
from voicetel.store.summarized_calls import SummarizedCalls, is_usable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicetel.analyzers.summaries.context import SummaryTable
    from voicetel.store import Store

MAX_SUMMARIES = 4
"""How many a store has; the one that was made first is deleted."""
_HEADER_BYTES = 8
_ALIGNMENT = 64


@dataclass(frozen=True, slots=True)
class StoredSummary:
    """What some calls add to a report. ``misspelt_field``: a misspelt field in the beginnings of the logs, if there is one.

    ``values_by_set``: as ``ValueLists`` has them, name of a set of values → measure → its values, sorted.
    """

    summarized: SummarizedCalls
    tables: Mapping[str, SummaryTable]
    values_by_set: Mapping[str, Mapping[str, Any]]
    misspelt_field: str | None


class _List(msgspec.Struct, array_like=True):
    set_name: str
    measure: str
    dtype: str
    length: int
    begin: int


class _Header(msgspec.Struct, array_like=True):
    tables: dict[str, tuple[tuple[tuple[str, str], ...], bytes]]
    lists: list[_List]
    misspelt_field: str | None


def put(store: Store, key: bytes, summary: StoredSummary) -> None:
    """Store a summary. Where it cannot be stored, it is worked out again next time."""
    name = f"{secrets.token_hex(8)}.summary"
    with contextlib.suppress(OSError, sqlite3.Error):
        _write(store, name, summary)
        checksum, _ = checksum_of(store.directory / name)
        described = Summary(name, msgspec.msgpack.encode(summary.summarized), checksum)
        before = set(store.state.results.summary_files())
        store.state.results.put_summary(key, described, MAX_SUMMARIES)
        for gone in before - set(store.state.results.summary_files()):
            (store.directory / gone).unlink(missing_ok=True)


def get(store: Store, key: bytes) -> StoredSummary | None:
    """The summary that was put under ``key``; None where there is none, it cannot be read, or one of its calls was touched."""
    found = store.state.results.summary(key)
    if found is None:
        return None
    try:
        summarized = msgspec.msgpack.decode(found.summarized_calls, type=SummarizedCalls)
        path = store.directory / found.name
        if not is_usable(summarized, store.state, store.directory) or checksum_of(path)[0] != found.checksum:
            return None
        return _read(path, summarized)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None


def _write(store: Store, name: str, summary: StoredSummary) -> None:
    import pyarrow as pa  # noqa: PLC0415  a cached report needs none of it

    tables = {}
    for table, each in summary.tables.items():
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, each.rows.schema) as writer:
            writer.write_table(each.rows)
        tables[table] = (each.columns, sink.getvalue().to_pybytes())
    lists, arrays, begin = [], [], 0
    for set_name, measures in summary.values_by_set.items():
        for measure, array in measures.items():
            lists.append(_List(set_name, measure, str(array.dtype), len(array), begin))
            arrays.append((begin, array))
            begin += -(-array.nbytes // _ALIGNMENT) * _ALIGNMENT
    header = msgspec.msgpack.encode(_Header(tables, lists, summary.misspelt_field))
    unfinished = store.directory / f"{name}.part"
    os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    with unfinished.open("wb") as file:
        file.write(len(header).to_bytes(_HEADER_BYTES, "little"))
        file.write(header)
        first = _first_list(len(header))
        for begin, array in arrays:
            file.seek(first + begin)
            file.write(memoryview(array))
    unfinished.rename(store.directory / name)


def _read(path: Any, summarized: SummarizedCalls) -> StoredSummary:
    import numpy as np  # noqa: PLC0415  a cached report needs none of it
    import pyarrow as pa  # noqa: PLC0415

    from voicetel.analyzers.summaries.context import SummaryTable  # noqa: PLC0415  it loads NumPy

    with path.open("rb") as file:
        length = int.from_bytes(file.read(_HEADER_BYTES), "little")
        header = msgspec.msgpack.decode(file.read(length), type=_Header)
    tables = {
        table: SummaryTable(columns, pa.ipc.open_stream(pa.py_buffer(rows)).read_all())
        for table, (columns, rows) in header.tables.items()
    }
    first = _first_list(length)
    values: dict[str, dict[str, Any]] = {}
    for each in header.lists:
        array = np.memmap(path, each.dtype, "r", first + each.begin, (each.length,))
        values.setdefault(each.set_name, {})[each.measure] = array
    return StoredSummary(summarized, tables, values, header.misspelt_field)


def _first_list(header_bytes: int) -> int:
    return -(-(_HEADER_BYTES + header_bytes) // _ALIGNMENT) * _ALIGNMENT
