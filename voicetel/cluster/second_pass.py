"""A second pass over all partitions, when their merged aggregates are known: exact values at few places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

from voicetel.cluster.merge import merge
from voicetel.cluster.packed_tables import GROUPS, create_table, decode, encode, pack_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from voicetel.analyzers.core.merge_rules import MergeRule
    from voicetel.cluster.packed_tables import PackedTable
    from voicetel.cluster.partition import PartitionTables

RESULT = "second_pass"


@dataclass(frozen=True, slots=True)
class SecondPass:
    """A query over what every partition kept for it (``kept``: relation → its name there), and over ``broadcast``, merged tables."""

    sql: str
    values: Mapping[str, object]
    rule: MergeRule
    kept: Mapping[str, str]
    broadcast: Mapping[str, PackedTable]

    def run(self, blobs: Iterable[bytes]) -> bytes:
        """The merged rows of several partitions. ``blobs``: what ``encode_for_second_pass`` made of each."""
        return merge(self._results(blobs))

    def _results(self, blobs: Iterable[bytes]) -> Iterator[bytes]:
        for blob in blobs:
            tables = decode(blob)
            with duckdb.connect(config={"threads": 1, "memory_limit": "420MB"}) as connection:
                connection.execute("SET TimeZone = 'UTC'")
                create_table(connection, GROUPS, tables[GROUPS], local=True)
                for relation, name in self.kept.items():
                    create_table(connection, relation, tables[name], local=True, view=True)
                for name, packed in self.broadcast.items():
                    create_table(connection, name, packed)
                connection.execute(f"CREATE TEMP TABLE {RESULT} AS\n{self.sql}", dict(self.values) or None)
                yield encode({RESULT: pack_table(connection, RESULT, self.rule)})


def encode_for_second_pass(found: PartitionTables) -> bytes | None:
    """What a partition keeps for second passes; None: no call of it is selected."""
    return encode(found.for_second_pass) if found.for_second_pass else None
