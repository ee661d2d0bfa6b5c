"""What all parts are asked once more, when it is known what they come to together: exact values at few places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

from voicetel.cluster.merge import merge
from voicetel.cluster.packed import GROUPS, create_table, decode, encode, pack_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from voicetel.analyzers.core.merge_rules import MergeRule
    from voicetel.cluster.packed import Packed
    from voicetel.cluster.part import PartFindings

ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Question:
    """A query over what every part kept (``kept``: relation → under which name), and over ``sent``, tables made of what all come to."""

    sql: str
    values: Mapping[str, object]
    rule: MergeRule
    kept: Mapping[str, str]
    sent: Mapping[str, Packed]

    def of_all(self, parts: Iterable[bytes]) -> bytes:
        """The answers of several parts, added up. ``parts``: what ``kept_of`` made of each."""
        return merge(self._answers(parts))

    def _answers(self, parts: Iterable[bytes]) -> Iterator[bytes]:
        for part in parts:
            kept = decode(part)
            with duckdb.connect(config={"threads": 1, "memory_limit": "420MB"}) as connection:
                connection.execute("SET TimeZone = 'UTC'")
                create_table(connection, GROUPS, kept[GROUPS], local=True)
                for relation, name in self.kept.items():
                    create_table(connection, relation, kept[name], local=True, view=True)
                for name, packed in self.sent.items():
                    create_table(connection, name, packed)
                connection.execute(f"CREATE TEMP TABLE {ANSWER} AS\n{self.sql}", dict(self.values) or None)
                yield encode({ANSWER: pack_table(connection, ANSWER, self.rule)})


def kept_of(found: PartFindings) -> bytes | None:
    """What a part keeps for questions; None: it has no calls that are asked about."""
    return encode(found.kept) if found.kept else None
