"""What lines say that cannot all be so, though each of them can be read: it counts as it stands, and is said."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from voicetel.analyzers.core.bounded_memory.memory_limit import limited_memory
from voicetel.analyzers.core.file_formats import guess_format
from voicetel.analyzers.core.merge_rules import MergeByKeys
from voicetel.analyzers.core.sql_files import load_sql

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from voicetel.store import Store

SECONDS_BELOW_MS = 10
"""Where no latency of all the logs reaches so many ms, they are seconds."""
MIN_LATENCIES = 3
SHOWN_FILES = 3

MANY_CALLS = 250_000
"""From so many on, what is looked for turn by turn may have less memory."""

_FILES_WITHOUT_EVENTS_SQL = """
SELECT path FROM known_files LEFT JOIN (SELECT DISTINCT stream_id FROM stored_events) AS events USING (stream_id)
WHERE events.stream_id IS NULL ORDER BY path"""

CONTRADICTIONS_RULE = MergeByKeys(keys=(), min_of=("first_repeated", "misspelt_field"), max_of=("largest_ms",))
"""How the contradictions of several parts of the calls become those of all."""


def contradiction_notes_of_store(store: Store, *, without_listed: bool = False) -> tuple[str, ...]:
    """A sentence for each kind of contradiction that the logs of a store have. ``without_listed``: without those on what ``validate`` lists."""
    from voicetel.store.validation.misspelt_fields import first_misspelt  # noqa: PLC0415  a cached report needs no engine

    create_contradictions(store, None if without_listed else first_misspelt(store))
    cursor = store.connection.execute("FROM contradictions")
    names = [column[0] for column in cursor.description or ()]
    row = dict(zip(names, cursor.fetchall()[0], strict=True))
    return (*contradiction_notes(row), *(() if without_listed else listed_notes(row)), *_other_file_notes(store))


def _other_file_notes(store: Store) -> tuple[str, ...]:
    rows = store.connection.execute(_FILES_WITHOUT_EVENTS_SQL).fetchall()
    return other_file_notes(os.fsdecode(path) for (path,) in rows)


def other_file_notes(paths: Iterable[str]) -> tuple[str, ...]:
    """What the files look like of which no line counts, though others do: ``paths``, in the order of their bytes."""
    found = [(path, what) for path in paths if (what := guess_format(path))]
    notes = [f"{path} looks like {what}." for path, what in found[:SHOWN_FILES]]
    if len(found) > SHOWN_FILES:
        more = len(found) - SHOWN_FILES
        notes.append(
            "1 file more of which no line counts looks like something else."
            if more == 1
            else f"{more:,} files more of which no line counts look like something else."
        )
    return tuple(notes)


def create_contradictions(store: Store, misspelt_field: str | None = None) -> None:
    """Make the temporary table ``contradictions``: the one row of contradictions.sql, with what it is to say of misspelt fields."""
    from voicetel.store.segments.relations import create_row_table  # noqa: PLC0415  a cached report needs no engine

    dead = store.state.dead_rows()
    for relation, of in (("superseded_events", dead.superseded), ("deleted_events", dead.deleted)):
        rows = {segment: each for (name, segment), each in of.items() if name == "events"}
        create_row_table(store.connection, relation, rows)
    query_sql = load_sql(__name__, "contradictions.sql")
    # A group for every turn: of many calls these are put aside, since what was read before is in memory still.
    with limited_memory(store.connection, store.number_of_calls() > MANY_CALLS):
        store.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE contradictions AS\n{query_sql}", {"misspelt_field": misspelt_field}
        )


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
    if row["latencies"] >= MIN_LATENCIES and 0 < row["largest_ms"] < SECONDS_BELOW_MS:
        found.append(
            f"None of {row['latencies']:,} latencies reaches {SECONDS_BELOW_MS} ms: they look like seconds; the format wants milliseconds."
        )
    return tuple(found)


def listed_notes(row: Mapping[str, Any]) -> tuple[str, ...]:
    """The sentences on what ``validate`` lists one by one."""
    found = []
    if row["unknown_lines"]:
        found.append(
            f"Lines with values that are read as unknown: {row['unknown_lines']:,}; `voicetel validate` lists them."
        )
    if row["misspelt_field"]:
        found.append(f"Misspelt fields, such as {row['misspelt_field']}, are ignored; `voicetel validate` lists them.")
    return tuple(found)
