"""What is worked out once everything new has been read: duplicates, what goes with log streams that are gone, usage, calls.

All of it is one change of the ingest state. Until that is made, readers see what was there before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from voicetel.events.metrics import TURN_LATENCY_NAMES
from voicetel.store.aggregate.compaction import compact, small_files
from voicetel.store.aggregate.duplicates import duplicate_keys
from voicetel.store.aggregate.outcomes import OutcomeClassifier, aggregate_sql
from voicetel.store.aggregate.rows import RowNumbers, changed_rows, rows_of
from voicetel.store.column_types import billed_columns_sql, quantity_bits_sql, stored_usage_columns
from voicetel.store.segments.files import SegmentFile, write_segment_file
from voicetel.store.segments.relations import connect, create_relations, create_row_table
from voicetel.store.segments.row_counts import RowCounts
from voicetel.store.segments.schemas import SCHEMAS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from voicetel.outcomes import Rules
    from voicetel.store.segments.ingest_state import IngestState
    from voicetel.store.segments.row_counts import DeadRows

CALLS_AT_ONCE = 150_000
"""Calls that are aggregated together; their intermediate states stay in memory."""

FEW_CALLS = 20_000
"""Calls whose events are kept in memory while they are aggregated."""
FEW_EVENTS = 100_000
"""New events that one thread is done with before another has begun."""

_NOT_CALL_COLUMNS = ", ".join(
    (*TURN_LATENCY_NAMES, "impossible", "agent_spans", "operation_count", "speech_characters", "speech_audio_s")
)
"""Columns of events that no call is made of."""


class Aggregation:
    """Deduplicates and aggregates what one store has read."""

    def __init__(
        self,
        directory: Path,
        state: IngestState,
        rules: Rules,
        path_of_stream: Mapping[int, str],
        spill: Path,
        *,
        threads: int | None = None,
    ) -> None:
        self._directory = directory
        self._state = state
        self._files = state.segment_files()
        self._new_segments = {each.segment for each in state.segment_files(aggregated=False)}
        self._dead_before = state.dead_rows()
        self._dead: DeadRows = state.dead_rows()
        self._connection = connect(spill, threads)
        self._classifier = OutcomeClassifier(self._connection, rules, path_of_stream)
        self._written: list[SegmentFile] = []
        self._compacted: list[SegmentFile] = []
        self._next_segment = state.next_segment()
        self._has_changed_rows = False
        new_events = (
            each.row_count for each in self._files if each.relation == "events" and each.segment in self._new_segments
        )
        if sum(new_events) < FEW_EVENTS:
            self._connection.execute("SET threads = 1")

    def run(self, deleted_stream_ids: list[int]) -> None:
        """Work it out and commit it."""
        try:
            self._create_relations()
            self._mark_deleted_rows(deleted_stream_ids)
            has_changed = self._supersede_duplicates()
            self._make_usage(has_changed)
            self._make_calls()
            self._compact()
            self._state.commit_aggregation(
                last_segment=self._next_segment - 1,
                files=self._written,
                dead=self._dead,
                deleted_stream_ids=deleted_stream_ids,
                compacted=self._compacted,
                to_retry=sorted(self._classifier.calls_with_missing_text),
                counts=self._counts(),
            )
        finally:
            self._connection.close()

    def _create_relations(self) -> None:
        create_relations(self._connection, self._directory, self._files, self._dead)

    def _execute(self, sql: str, **values: object) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql, values or None).fetchall()

    def _rows(self, sql: str, **values: object) -> RowNumbers:
        return rows_of(self._connection, sql, values)

    def _add_deleted(self, relation: str, rows: RowNumbers) -> None:
        for segment, each in rows.items():
            key = (relation, segment)
            before = self._dead.deleted.get(key)
            self._dead.deleted[key] = each if before is None else np.union1d(before, each)

    # What goes.

    def _mark_deleted_rows(self, deleted_stream_ids: list[int]) -> None:
        """Rows of log streams that are gone, and of last lines that are read again, do not count."""
        self._execute("CREATE OR REPLACE TABLE calls_with_recounted_events (call_id VARCHAR, is_repeat_only BOOLEAN)")
        self._execute("CREATE OR REPLACE TABLE calls_of_deleted_streams (call_id VARCHAR)")
        self._execute("CREATE OR REPLACE TABLE new_repeats (segment INTEGER, row BIGINT)")
        for relation in ("events", "usage", "quarantine") if deleted_stream_ids else ():
            rows = self._rows(
                f"SELECT segment, row FROM stored_{relation} WHERE stream_id IN (SELECT unnest($deleted_stream_ids))",
                deleted_stream_ids=deleted_stream_ids,
            )
            if relation == "events":
                self._execute(
                    "INSERT INTO calls_of_deleted_streams SELECT DISTINCT call_id FROM events"
                    " WHERE stream_id IN (SELECT unnest($deleted_stream_ids))",
                    deleted_stream_ids=deleted_stream_ids,
                )
            self._add_deleted(relation, rows)
        for stream_id, offset, segment in self._state.rewinds():
            values = {"stream_id": stream_id, "offset": offset, "segment": segment}
            where = "stream_id = $stream_id AND byte_offset >= $offset AND segment < $segment"
            self._execute(
                f"INSERT INTO calls_with_recounted_events SELECT DISTINCT call_id, false AS is_repeat_only FROM events WHERE {where}",
                **values,
            )
            for relation in ("events", "quarantine"):
                self._add_deleted(
                    relation, self._rows(f"SELECT segment, row FROM stored_{relation} WHERE {where}", **values)
                )
        # Rows only ever join those that are deleted.
        if any(len(rows) != len(self._dead_before.deleted.get(key, ())) for key, rows in self._dead.deleted.items()):
            self._create_relations()

    # Duplicates.

    def _supersede_duplicates(self) -> bool:
        """Leave one event per key; whether any other counts than before. Their calls go into ``calls_with_recounted_events``."""
        if not self._new_segments and not self._dead_before.superseded:
            return False
        duplicates = duplicate_keys(self._directory, self._files, self._new_segments, self._dead_before, self._dead)
        rows: RowNumbers = {}
        if len(duplicates):
            deleted = {
                segment: each for (relation, segment), each in self._dead.deleted.items() if relation == "events"
            }
            create_row_table(self._connection, "deleted_events", deleted)
            self._connection.register("duplicate_keys", pa.table({"line_key": pa.array(duplicates)}))
            self._execute(f"CREATE OR REPLACE TABLE superseded_rows AS {aggregate_sql('duplicates.sql')}")
            self._connection.unregister("duplicate_keys")
            rows = self._rows("SELECT segment, row FROM superseded_rows")
            self._create_new_repeats()
        self._dead.superseded = {("events", segment): each for segment, each in rows.items()}
        changed = changed_rows(self._dead_before.superseded, self._dead.superseded)
        if changed:
            self._has_changed_rows = True
            create_row_table(self._connection, "changed_rows", changed)
            self._execute(
                "INSERT INTO calls_with_recounted_events SELECT DISTINCT call_id, new_repeats.row IS NOT NULL AS is_repeat_only"
                " FROM stored_events JOIN changed_rows USING (segment, row) LEFT JOIN new_repeats USING (segment, row)"
            )
            self._create_relations()
        return bool(changed)

    def _create_new_repeats(self) -> None:
        """Make ``new_repeats``: the rows that are new and say nothing that was not known. Calls are what they were, for all of them."""
        new = ", ".join(map(str, sorted(self._new_segments))) or "-1"
        self._execute(
            f"CREATE OR REPLACE TABLE new_repeats AS SELECT segment, row FROM superseded_rows WHERE is_repeat AND segment IN ({new})"
        )

    # What is worked out.

    def _make_usage(self, has_changed: bool) -> None:
        """Add up anew what the calls used in which another event counts than before."""
        if not has_changed and not self._execute("SELECT 1 FROM calls_with_recounted_events LIMIT 1"):
            return
        self._execute(
            "CREATE OR REPLACE TABLE calls_to_add_up AS SELECT DISTINCT call_id FROM calls_with_recounted_events"
        )
        self._add_deleted(
            "usage", self._rows("SELECT segment, row FROM stored_usage WHERE call_id IN (FROM calls_to_add_up)")
        )
        usage_sql = aggregate_sql("usage_sums.sql").replace(
            "{since_earliest}", self._since_earliest_sql("calls_to_add_up")
        )
        billed_sql = ", ".join(f"{sql} AS {name}" for name, sql in billed_columns_sql().items())
        sums_sql = ", ".join(f"sum({name}) AS {name}" for name in stored_usage_columns())
        usage_sql = (
            usage_sql.replace("{billed_columns}", billed_sql)
            .replace("{quantity_bits}", quantity_bits_sql())
            .replace("{sums}", sums_sql)
        )
        self._write("usage", usage_sql)
        self._next_segment += 1

    def _make_calls(self) -> None:
        """Make the rows of the calls anew of which an event came or went."""
        all_are_new = self._new_segments == {each.segment for each in self._files if each.relation == "events"}
        to_retry = self._state.calls_to_retry()
        self._execute(
            "CREATE OR REPLACE TABLE calls_to_make AS"
            " SELECT DISTINCT call_id FROM stored_events ANTI JOIN new_repeats USING (segment, row) WHERE segment IN (SELECT unnest($new))"
            " UNION SELECT call_id FROM calls_with_recounted_events WHERE NOT is_repeat_only UNION FROM calls_of_deleted_streams UNION SELECT unnest($to_retry)",
            new=sorted(self._new_segments) or [-1],
            to_retry=to_retry or [""],
        )
        self._add_deleted(
            "calls", self._rows("SELECT segment, row FROM stored_calls WHERE call_id IN (FROM calls_to_make)")
        )
        ((call_count,),) = self._execute("SELECT count(*) FROM calls_to_make")
        bucket_count = -(-call_count // CALLS_AT_ONCE)
        for bucket in range(bucket_count):
            conditions = [f"hash(call_id) % {bucket_count} = {bucket}"] if bucket_count > 1 else []
            conditions += [] if all_are_new else ["call_id IN (FROM calls_to_make)"]
            self._create_bucket_events(conditions, in_memory=not all_are_new and call_count <= FEW_CALLS)
            self._execute(aggregate_sql("call_rows.sql"))
            self._classifier.classify()
            self._write("calls", aggregate_sql("calls_with_outcomes.sql"))
            self._next_segment += 1

    def _create_bucket_events(self, conditions: list[str], *, in_memory: bool) -> None:
        """Make ``bucket_events``: those of the calls of one bucket. Of few calls they are read once, into memory."""
        self._execute("DROP VIEW IF EXISTS bucket_events; DROP TABLE IF EXISTS loaded_events")
        if in_memory:
            where = " AND ".join([self._since_earliest_sql("calls_to_make"), *conditions])
            self._execute(
                f"CREATE TABLE loaded_events AS SELECT * EXCLUDE ({_NOT_CALL_COLUMNS}) FROM events WHERE {where}"
            )
            self._execute("CREATE VIEW bucket_events AS FROM loaded_events")
        else:
            self._execute(f"CREATE VIEW bucket_events AS FROM events WHERE {' AND '.join(conditions) or 'true'}")

    def _since_earliest_sql(self, calls_table: str) -> str:
        """SQL for a condition on ``ts`` that leaves out what is before all events of the calls in the table ``calls_table``: files without later ones are passed over.

        What counted before is not earlier than the call was then; the rest was read now, or counts again.
        """
        new = ", ".join(map(str, sorted(self._new_segments))) or "-1"
        queries = [
            f"SELECT min(started_at) AS ts FROM stored_calls WHERE call_id IN (FROM {calls_table})",
            f"SELECT min(ts) FROM stored_events WHERE segment IN ({new})",
        ]
        if self._has_changed_rows:
            queries.append("SELECT min(ts) FROM stored_events JOIN changed_rows USING (segment, row)")
        ((earliest_us,),) = self._execute(f"SELECT epoch_us(min(ts)) FROM ({' UNION ALL '.join(queries)})")
        return "true" if earliest_us is None else f"ts >= make_timestamp({earliest_us})"

    def _counts(self) -> RowCounts:
        """How many rows of a kind there are; those that were just written are known by their files alone."""

        def counted_rows(relation: str) -> int:
            files = [each for each in (*self._files, *self._written) if each.relation == relation]
            by_segment = {each.segment: each.row_count - len(self._dead.of(relation, each.segment)) for each in files}
            return sum(by_segment.values())

        lines = counted_rows("quarantine")
        unsupported = 0
        if lines:
            self._create_relations()
            ((unsupported,),) = self._execute("SELECT count(*) FROM quarantine WHERE unsupported")
        return RowCounts(counted_rows("calls"), lines - unsupported, unsupported)

    def _compact(self) -> None:
        """Bring small segments together where there are too many."""
        for relation in SCHEMAS:
            some = small_files(self._files, relation) if relation != "operations" else []  # they go with their events
            if not some:
                continue
            self._create_relations()
            written = compact(self._connection, self._directory, some, self._dead, self._next_segment)
            segments = {each.segment for each in some}
            of = {relation, "operations"} if relation == "events" else {relation}
            compacted = [each for each in self._files if each.relation in of and each.segment in segments]
            self._compacted += compacted
            self._written += written
            self._files = [each for each in self._files if each not in compacted] + written
            self._next_segment += 1

    def _write(self, relation: str, sql: str) -> None:
        """Write the rows of a query as the file of a new segment."""
        schema = SCHEMAS[relation]
        columns = ", ".join(schema.names)
        query = f"SELECT {columns} FROM ({sql})"
        table = self._connection.sql(query, params={"segment": self._next_segment}).to_arrow_table()
        if len(table):
            self._written.append(write_segment_file(self._directory, self._next_segment, relation, table.cast(schema)))
