"""What lines say that cannot all be so, though each of them can be read: it counts as it stands, and is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.analyzers.core.sql_files import load_sql
from voicetel.store.segments.relations import create_row_table

if TYPE_CHECKING:
    from voicetel.store import Store

SECONDS_BELOW_MS = 10
"""Where no latency of all the logs reaches so many ms, they are seconds."""
FEWEST_LATENCIES = 3


def contradictions(store: Store) -> tuple[str, ...]:
    """A sentence for each kind of contradiction that the logs of a store have."""
    superseded = {
        segment: rows for (name, segment), rows in store.state.dead_rows().superseded.items() if name == "events"
    }
    create_row_table(store.connection, "superseded_events", superseded)
    (row,) = store.connection.execute(load_sql(__name__, "contradictions.sql")).fetchall()
    repeated, a_call, a_turn, lost, parts, operations, latencies, largest_ms = row
    found = []
    if repeated:
        found.append(
            f"Turn numbers that stand in several lines of one call, with different content: {repeated:,}, such as turn {a_turn}"
            f" of call {a_call}. Each of these lines counts."
        )
    if lost:
        found.append(
            f"Lines with the writer and seq of another line, and different content: {lost:,}. Only the line with the latest ts"
            " counts; a writer that starts anew needs a new id."
        )
    if parts:
        found.append(
            f"Operations of which a part is larger than its whole, such as more cached tokens than input tokens: {parts:,} of"
            f" {operations:,}. input_tokens are all of them, cached and audio ones included; what is billed of them is too low."
        )
    if latencies >= FEWEST_LATENCIES and 0 < largest_ms < SECONDS_BELOW_MS:
        found.append(
            f"None of {latencies:,} latencies reaches {SECONDS_BELOW_MS} ms: they look like seconds; the format wants milliseconds."
        )
    return tuple(found)
