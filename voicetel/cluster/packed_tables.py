"""Tables of DuckDB as bytes that travel, with the types that they have there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import pyarrow as pa

from voicetel.analyzers.core.merge_rules import MergeByKeys, MergeRule, TopN, arrow_compatible_type
from voicetel.analyzers.core.sql_files import quoted_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import duckdb

GROUPS = "call_groups"
"""The table of the groups of a partition of the calls: ``group_id`` and ``group_values``. Groups travel by their values."""

RATES = "priced_rates"
"""A table that travels with rows of calls: the keys of the rates that priced something of them."""

LINES, AGGREGATES, FOR_SECOND_PASS, ROWS = "lines", "aggregates", "for_second_pass", "rows"
"""Kinds of blobs: lines on their way to a bucket; tables that add up, that later questions are about, and that come to the driver."""

_GROUP = "group_id"


class Blob(NamedTuple):
    """Bytes that travel: of ``LINES`` those of a bucket's lines, of the other kinds tables (``encode``), for any bucket."""

    kind: str
    bucket: int
    content: bytes


@dataclass(frozen=True, slots=True)
class PackedTable:
    """Rows of a table. ``columns``: each with its type in DuckDB; ``rule``: how they become those of all calls, if they do."""

    columns: tuple[tuple[str, str], ...]
    rows: bytes
    rule: MergeRule | None = None


class _Wire(msgspec.Struct, frozen=True, array_like=True):
    columns: tuple[tuple[str, str], ...]
    rows: bytes
    merge_by_keys: MergeByKeys | None = None
    top_n: TopN | None = None


def encode(tables: dict[str, PackedTable]) -> bytes:
    """Several tables, by name, as one blob."""
    return msgspec.msgpack.encode(
        {
            name: _Wire(
                each.columns,
                each.rows,
                each.rule if isinstance(each.rule, MergeByKeys) else None,
                each.rule if isinstance(each.rule, TopN) else None,
            )
            for name, each in tables.items()
        }
    )


def decode(blob: bytes) -> dict[str, PackedTable]:
    """What ``encode`` made a blob of."""
    wires = msgspec.msgpack.decode(blob, type=dict[str, _Wire])
    return {
        name: PackedTable(each.columns, each.rows, each.merge_by_keys or each.top_n) for name, each in wires.items()
    }


def pack_table(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    rule: MergeRule | None = None,
    *,
    local: bool = False,
    for_second_pass: bool = False,
) -> PackedTable:
    """The rows of a relation; with ``local`` groups keep their numbers, which mean something in this partition alone.

    What is kept ``for_second_pass``, too, and stays where it is: ENUMs keep the numbers of their values, and it is packed in less time.
    """
    local = local or for_second_pass
    found = connection.sql(f"FROM {relation}")
    columns = tuple((name, str(kind)) for name, kind in zip(found.columns, found.types, strict=True))
    has_groups = not local and any(name == _GROUP for name, _ in columns)
    sent = {name: _sent(name, kind, keeps_enums=for_second_pass) for name, kind in columns}
    if has_groups or any(sent.values()):
        selected = ", ".join(
            f"{GROUPS}.group_values AS {name}"
            if has_groups and name == _GROUP
            else f"{sent[name] or f'packed.{quoted_name(name)}'} AS {quoted_name(name)}"
            for name, _ in columns
        )
        joined = f" LEFT JOIN {GROUPS} ON {GROUPS}.group_id = packed.group_id" if has_groups else ""
        found = connection.sql(f"SELECT {selected} FROM {relation} AS packed{joined}")
    reader = found.to_arrow_reader(100_000)
    return PackedTable(columns, pack_batches(reader.schema, reader, "lz4" if for_second_pass else "zstd"), rule)


def pack_rows(rows: list[dict[str, Any]], columns: Mapping[str, str], rule: MergeRule | None = None) -> PackedTable:
    """Rows that no table has. ``columns``: each with its type, BIGINT, BOOLEAN or VARCHAR."""
    schema = pa.schema([(name, _ARROW_TYPES[kind]) for name, kind in columns.items()])
    table = pa.Table.from_pylist(rows, schema)
    return PackedTable(tuple(columns.items()), pack_batches(schema, table.to_batches()), rule)


_ARROW_TYPES = {"BIGINT": pa.int64(), "BOOLEAN": pa.bool_(), "VARCHAR": pa.string()}


def pack_batches(schema: pa.Schema, batches: Iterable[pa.RecordBatch], compression: str = "zstd") -> bytes:
    """Record batches as compressed Arrow IPC."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema, options=pa.ipc.IpcWriteOptions(compression=compression)) as writer:
        for batch in batches:
            writer.write_batch(batch)
    packed: bytes = sink.getvalue().to_pybytes()
    return packed


def unpack_batches(blob: bytes) -> pa.Table:
    """The rows of what ``pack_batches`` made."""
    return pa.ipc.open_stream(pa.py_buffer(blob)).read_all()


def values_of(partitions: Iterable[Mapping[str, PackedTable]], name: str) -> set[Any]:
    """What the one column of a table holds in any of the partitions."""
    return {value for each in partitions for value in unpack_batches(each[name].rows).column(0).to_pylist()}


def create_table(
    connection: duckdb.DuckDBPyConnection, name: str, packed: PackedTable, *, local: bool = False, view: bool = False
) -> None:
    """Make a table, or a view, of packed rows, in the types they had; groups get the numbers that ``call_groups`` has here.

    Rows of groups that are not there are left out.
    """
    connection.register(f"sent_{name}", unpack_batches(packed.rows))
    names = [column for column, _ in packed.columns]
    has_groups = _GROUP in names and not local
    selected = ", ".join(
        f"{GROUPS}.group_id AS {column}"
        if has_groups and column == _GROUP
        else f"CAST(sent.{quoted_name(column)} AS {kind}) AS {quoted_name(column)}"
        for column, kind in packed.columns
    )
    joined = f" LEFT JOIN {GROUPS} ON {GROUPS}.group_values = sent.group_id" if has_groups else ""
    known = f" WHERE sent.group_id IS NULL OR {GROUPS}.group_id IS NOT NULL" if has_groups else ""
    kind = "VIEW" if view else "TABLE"
    connection.execute(
        f"CREATE OR REPLACE TEMP {kind} {name} AS SELECT {selected} FROM sent_{name} AS sent{joined}{known}"
    )
    if not view:
        connection.unregister(f"sent_{name}")


def _sent(name: str, kind: str, *, keeps_enums: bool) -> str | None:
    """SQL for a column in a type that every partition sends alike, and that Arrow has; None: as it is."""
    if (sent := arrow_compatible_type(kind)) != kind:
        return f"CAST(packed.{quoted_name(name)} AS {sent})"
    return f"CAST(packed.{quoted_name(name)} AS VARCHAR)" if kind.startswith("ENUM") and not keeps_enums else None
