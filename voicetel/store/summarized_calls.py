"""Calls that a summary speaks of, and the remaining ones: each by themselves like a store of their own.

Most calls are never touched again once they have ended. What a report needs of them is worked out once; after that only the remaining
calls, the latest ones and those that have new lines, are read, from the few segments that have rows of them.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

import msgspec

from voicetel.store.segments.files import read_columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import duckdb

    from voicetel.store.ingest.fingerprints import KnownFile
    from voicetel.store.segments.files import SegmentFile
    from voicetel.store.segments.ingest_state import IngestState, StoreSnapshot
    from voicetel.store.segments.row_counts import DeadRows
    from voicetel.store.store import Store

MIN_CALLS = 5_000
"""With fewer calls a report is as fast without a summary."""
REMAINING_SHARE = 0.04
"""The share of the calls, the latest ones, that a summary leaves out: new lines are mostly of them."""
REMAINING_HOURS = 4
"""A summary leaves out the calls of the last hours, too, whose lines still come: a review says how they ended."""
MAX_SHARE_BY_HOURS = 0.15
"""The largest share of the calls that is left out because they are of the last hours."""
MAX_REMAINING_SHARE = 0.35
"""Where the remaining calls are a larger share than this, another summary is due."""

_READ_BY_SEGMENT = ("events", "usage")
"""Relations of which those segments are read that have rows of remaining calls; operations go with their events, and calls are few."""

_ALREADY_IN_CALLS = (
    *("agent_name", "agent_version", "campaign", "direction", "language", "duration_s", "final_state", "end_reason"),
    *("sip_status", "amd", "outcome", "outcome_confidence", "outcome_reason", "sentiment", "interruption_count"),
    *("kind", "value", "count", "byte_offset", "bytes"),
)
"""Columns of events that rows of calls are made of, and where their lines stand: of the remaining calls nothing reads them again."""


class SummarizedCalls(msgspec.Struct, frozen=True):
    """Which calls a summary speaks of: those of some segments whose last event is not later than ``latest_us``."""

    latest_us: int
    """µs since 1970."""
    segments: tuple[int, ...]
    """Of ``calls``; a call that is touched goes into a later one."""
    dead_calls: dict[int, bytes]
    """Segment → the rows of it that did not count when the summary was made."""
    deleted_event_counts: dict[int, int]
    """Segment → how many of its events were deleted by then."""
    segments_of_remaining: dict[str, tuple[int, ...]]
    """Relation → the segments that had rows of the other calls."""
    last_segment: int
    """The last that there was."""
    streams_with_events: tuple[int, ...]
    """Numbers of log streams of which there was an event."""
    samples: dict[int, tuple[int, bytes]]
    """Log stream → what of it is looked at for misspelt fields: how many bytes from its start, and of which file."""


def choose_calls(store: Store) -> SummarizedCalls | None:
    """The calls that a summary would speak of, all but the latest ones; None where it cannot be made.

    There may be too few of them, or another run may have changed the rows since the relations of the store were made. Leaves ``remaining_calls`` on the connection of the store: the identifiers of the others.
    """
    state = store.state
    if state.path is None or state.row_counts().calls < MIN_CALLS:
        return None
    connection = store.connection
    ((latest_us,),) = connection.execute(
        f"SELECT epoch_us(greatest(quantile_disc(last_event_at, {1 - max(REMAINING_SHARE, MAX_SHARE_BY_HOURS)}),"
        f" least(quantile_disc(last_event_at, {1 - REMAINING_SHARE}), max(last_event_at) - INTERVAL {REMAINING_HOURS} HOUR)))"
        " FROM calls"
    ).fetchall()
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE remaining_calls AS"
        f" SELECT call_id FROM calls WHERE last_event_at > make_timestamp({latest_us})"
    )
    segments_of_remaining = {}
    for relation in _READ_BY_SEGMENT:
        rows = connection.execute(
            f"SELECT DISTINCT segment FROM stored_{relation} SEMI JOIN remaining_calls USING (call_id)"
        ).fetchall()
        segments_of_remaining[relation] = tuple(sorted(segment for (segment,) in rows))
    snapshot = state.snapshot()
    if snapshot.generation != store.generation:
        return None
    segments = tuple(each.segment for each in snapshot.files if each.relation == "calls")
    dead = snapshot.dead
    return SummarizedCalls(
        latest_us,
        segments,
        {segment: dead.of("calls", segment).tobytes() for segment in segments},
        _deleted_event_counts(dead),
        segments_of_remaining,
        max(each.segment for each in snapshot.files),  # the next one may be on its way from another run
        _streams_with_events(connection),
        samples_of(snapshot.known_files),
    )


def samples_of(known_files: Mapping[str, KnownFile]) -> dict[int, tuple[int, bytes]]:
    """Log stream → its length, or SAMPLE_BYTES if that is less, and its file: while both stay, the same fields are misspelt.

    Misspelt fields are looked for in the first SAMPLE_BYTES of each log stream.
    """
    from voicetel.store.validation.misspelt_fields import SAMPLE_BYTES  # noqa: PLC0415  it loads the engine

    found: dict[int, tuple[int, bytes]] = {}
    by_length = sorted(known_files.items(), key=lambda item: (-item[1].fingerprint.length, os.fsencode(item[0])))
    for path, known in by_length:
        if known.stream_id is not None:
            found.setdefault(known.stream_id, (min(known.fingerprint.length, SAMPLE_BYTES), os.fsencode(path)))
    return found


def _streams_with_events(connection: duckdb.DuckDBPyConnection) -> tuple[int, ...]:
    """The log streams of which ``stored_events`` has a row."""
    rows = connection.execute("SELECT DISTINCT stream_id FROM stored_events").fetchall()
    return tuple(sorted(stream_id for (stream_id,) in rows))


def _deleted_event_counts(dead: DeadRows) -> dict[int, int]:
    return {segment: len(rows) for (relation, segment), rows in dead.deleted.items() if relation == "events"}


def is_usable(summarized: SummarizedCalls, state: IngestState, directory: Path) -> bool:
    """Whether a summary still holds: each row of its calls is what it was, and the remaining calls are few enough to be read."""
    import numpy as np  # noqa: PLC0415  a cached report needs none of it

    files = {each.segment: each for each in state.segment_files("calls", aggregated=True)}
    if not files.keys() >= set(summarized.segments):
        return False
    dead = state.dead_rows()
    deleted_counts = {
        segment: count for segment, count in _deleted_event_counts(dead).items() if segment <= summarized.last_segment
    }
    if deleted_counts != summarized.deleted_event_counts or not state.streams().keys() >= set(
        summarized.streams_with_events
    ):
        return False
    total = state.row_counts().calls
    later_calls = sum(each.row_count for segment, each in files.items() if segment not in summarized.segments)
    if later_calls > total * (MAX_REMAINING_SHARE - REMAINING_SHARE):
        return False
    for segment in summarized.segments:
        dead_before = np.frombuffer(summarized.dead_calls[segment], np.int64)
        gone = np.setdiff1d(dead.of("calls", segment), dead_before)
        if len(gone):
            table = read_columns(directory / files[segment].name, "last_event_at")
            last_events_us = table["last_event_at"].to_numpy().astype("datetime64[us]").astype(np.int64)
            if (last_events_us[gone] <= summarized.latest_us).any():
                return False
    return True


@contextlib.contextmanager
def remaining_calls_hidden(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Within it the relations have no rows of the calls in ``remaining_calls``."""
    names = ("counted_events", "counted_usage", "counted_calls", "stored_events")
    try:
        for name in names:
            connection.execute(
                f"CREATE TEMP VIEW {name} AS FROM memory.main.{name} ANTI JOIN remaining_calls USING (call_id)"
            )
        yield
    finally:
        for name in names:
            connection.execute(f"DROP VIEW IF EXISTS temp.{name}")


def create_remaining_relations(
    connection: duckdb.DuckDBPyConnection, directory: Path, snapshot: StoreSnapshot, summarized: SummarizedCalls
) -> None:
    """Make the relations of a store of the remaining calls alone; their rows are in memory, but for their operations.

    Of events there are the columns of turns, and what tells an event from another.
    """
    from voicetel.store.segments.relations import (  # noqa: PLC0415  the engine
        create_counted_view,
        create_row_table,
        create_stored,
        create_views,
    )

    files: dict[str, list[SegmentFile]] = {relation: [] for relation in ("events", "operations", "usage", "calls")}
    for each in snapshot.files:
        known = summarized.segments_of_remaining.get("events" if each.relation == "operations" else each.relation)
        if each.relation in files and (
            each.segment > summarized.last_segment or known is None or each.segment in known
        ):
            files[each.relation].append(each)
    dead = snapshot.dead
    for relation, some in files.items():
        create_stored(connection, directory, relation, some)
    create_counted_view(connection, directory, "usage", files["usage"], dead)
    create_counted_view(connection, directory, "calls", files["calls"], dead)
    create_row_table(
        connection, "dead_events", {each.segment: dead.of("events", each.segment) for each in files["events"]}
    )
    connection.execute("CREATE TABLE streams_with_events AS SELECT DISTINCT stream_id FROM stored_events")
    # One after the other, since files are passed over by either condition and not by the two together.
    last = max(summarized.segments)
    calls_sql = (
        f"FROM counted_calls WHERE last_event_at > make_timestamp({summarized.latest_us}) AND segment <= {last}"
        f" UNION ALL FROM counted_calls WHERE segment > {last}"
    )
    tables = {
        "counted_calls": calls_sql,
        "counted_usage": "FROM counted_usage SEMI JOIN remaining_counted_calls USING (call_id)",
        "stored_events": f"SELECT stored.* EXCLUDE ({', '.join(_ALREADY_IN_CALLS)}), dead.row IS NULL AS is_counted FROM stored_events AS stored"
        " SEMI JOIN remaining_counted_calls USING (call_id)"
        " LEFT JOIN dead_events AS dead ON dead.segment = stored.segment AND dead.row = stored.row",
    }
    for name, sql in tables.items():
        connection.execute(f"CREATE TABLE remaining_{name} AS {sql}")
    views = {name: f"FROM remaining_{name}" for name in ("counted_calls", "counted_usage")} | {
        "stored_events": "SELECT * EXCLUDE (is_counted) FROM remaining_stored_events",
        "counted_events": "SELECT * EXCLUDE (is_counted) RENAME (row AS file_row_number) FROM remaining_stored_events WHERE is_counted",
    }
    for name, sql in views.items():
        connection.execute(f"CREATE OR REPLACE VIEW {name} AS {sql}")
    # Turns are columns of events, and operations are asked for few columns: either costs less to look up than to put down.
    create_views(connection, ("events", "turns", "operations"))
    create_views(connection, ("calls", "usage"), in_memory=True)
    create_views(connection, ("positioned_turns",))
