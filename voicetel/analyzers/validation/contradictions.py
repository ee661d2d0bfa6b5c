"""What lines say that cannot all be so, though each of them can be read: it counts as it stands, and is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voicetel.analyzers.core.merge_rules import MergeByKeys
from voicetel.analyzers.core.sql_files import load_sql

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicetel.store import Store

SECONDS_BELOW_MS = 10
"""Where no latency of all the logs reaches so many ms, they are seconds."""
FEWEST_LATENCIES = 3


MERGE_RULE = MergeByKeys(keys=(), min_of=("first_repeated",), max_of=("largest_ms",))
"""How the contradictions of several parts of the calls become those of all."""


def contradictions(store: Store) -> tuple[str, ...]:
    """A sentence for each kind of contradiction that the logs of a store have."""
    count_contradictions(store)
    cursor = store.connection.execute("FROM contradictions")
    names = [column[0] for column in cursor.description or ()]
    return contradiction_notes(dict(zip(names, cursor.fetchall()[0], strict=True)))


def count_contradictions(store: Store) -> None:
    """Make the temporary table ``contradictions``: the one row of contradictions.sql."""
    from voicetel.store.segments.relations import create_row_table  # noqa: PLC0415  a cached report needs no engine

    superseded = {
        segment: rows for (name, segment), rows in store.state.dead_rows().superseded.items() if name == "events"
    }
    create_row_table(store.connection, "superseded_events", superseded)
    query = load_sql(__name__, "contradictions.sql")
    store.connection.execute(f"CREATE OR REPLACE TEMP TABLE contradictions AS\n{query}")


def contradiction_notes(row: Mapping[str, Any]) -> tuple[str, ...]:
    """The sentences that ``row`` of ``contradictions`` comes to."""
    found = []
    if row["repeated_turns"]:
        found.append(
            f"Turn numbers that stand in several lines of one call, with different content: {row['repeated_turns']:,},"
            f" such as turn {row['first_repeated']['turn']} of call {row['first_repeated']['call_id']}. Each of these lines counts."
        )
    if row["lost_lines"]:
        found.append(
            f"Lines with the writer and seq of another line, and different content: {row['lost_lines']:,}. Only the line with the latest ts"
            " counts; a writer that starts anew needs a new id."
        )
    if row["larger_parts"]:
        found.append(
            f"Operations of which a part is larger than its whole, such as more cached tokens than input tokens: {row['larger_parts']:,} of"
            f" {row['operations']:,}. input_tokens are all of them, cached and audio ones included; what is billed of them is too low."
        )
    if row["latencies"] >= FEWEST_LATENCIES and 0 < row["largest_ms"] < SECONDS_BELOW_MS:
        found.append(
            f"None of {row['latencies']:,} latencies reaches {SECONDS_BELOW_MS} ms: they look like seconds; the format wants milliseconds."
        )
    return tuple(found)
