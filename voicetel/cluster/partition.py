"""A partition, which is a bucket of whole calls: an ordinary run of the store in a temporary folder, of which what adds up is kept."""

from __future__ import annotations

import contextlib
import os
import tempfile
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, BinaryIO

from voicetel.analyzers.calls.calls import calls
from voicetel.analyzers.core.context import AnalysisContext
from voicetel.analyzers.core.groups import NO_GROUP
from voicetel.analyzers.core.merge_rules import MergeByKeys
from voicetel.analyzers.cost.rate_notes import PRICED_RATES_SQL
from voicetel.analyzers.handling.handling import parse_thresholds
from voicetel.analyzers.handling.results import SLOW_THRESHOLDS_MS
from voicetel.analyzers.overview.overviews import overviews_of
from voicetel.analyzers.request import Request
from voicetel.analyzers.validation.contradictions import CONTRADICTIONS_RULE, create_contradictions
from voicetel.cluster.exports.export_partition import EXPORT, export_partition
from voicetel.cluster.packed_tables import GROUPS, RATES, PackedTable, pack_table
from voicetel.cluster.relation_names import RelationNames
from voicetel.cluster.routing.line_findings import VALIDATE
from voicetel.cluster.routing.route import unpack_lines
from voicetel.cluster.sample import SAMPLED, pack_sample
from voicetel.errors import NoDataError, VoicetelError
from voicetel.registry import find_report
from voicetel.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voicetel.analyzers.core.merge_rules import MergeRule
    from voicetel.cluster.job import Job
    from voicetel.store import Store

CALLS, OPEN_CALLS = "calls", "open_calls"
"""Rows that travel where the calls themselves are asked for: their figures, and when the last event of those in progress was."""
CONTRADICTIONS = "contradictions"

_INPUT_TOTALS = """
SELECT
    CAST($lines AS BIGINT) AS lines, CAST($events AS BIGINT) AS events, CAST($rejected AS BIGINT) AS rejected_lines, CAST($unsupported AS BIGINT) AS unsupported_lines, count(*) AS calls,
    min(started_at) AS first_start, max(started_at) AS last_start, max(last_event_at) AS newest
FROM calls"""
TOTALS_RULE = MergeByKeys(keys=(), min_of=("first_start",), max_of=("last_start", "newest"))


@dataclass(slots=True)
class PartitionTables:
    """What one partition of the calls adds.

    ``aggregates`` are tables of which a merge rule makes one, ``for_second_pass`` relations that a second pass reads, ``rows`` those of calls.
    """

    aggregates: dict[str, PackedTable] = field(default_factory=dict)
    for_second_pass: dict[str, PackedTable] = field(default_factory=dict)
    rows: dict[str, PackedTable] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PartitionContext(AnalysisContext):
    """A context of one partition of the calls: what is added up is also written down."""

    tables: PartitionTables
    names: RelationNames = field(default_factory=RelationNames)

    def create_view(self, name: str, sql: str, *, materialize: bool = False) -> None:
        """As everywhere."""
        AnalysisContext.create_view(self, name, sql, materialize=materialize)
        self.names.create_view(name, sql)

    def keep_for_second_pass(self, relation: str) -> None:
        """Take a copy of the relation, whose rows are worked out once, and of the groups that it speaks of."""
        self.tables.for_second_pass[GROUPS] = pack_table(self.connection, GROUPS, for_second_pass=True)
        rows = f"kept_{relation}"
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {rows} AS FROM {relation}")
        self.connection.execute(f"CREATE OR REPLACE TEMP VIEW {relation} AS FROM {rows}")
        self.tables.for_second_pass[self.names.keep_for_second_pass(relation)] = pack_table(
            self.connection, rows, for_second_pass=True
        )

    def aggregate(
        self, table: str, sql: str, rule: MergeRule, *, broadcast: tuple[str, ...] = (), **values: object
    ) -> None:
        """Make the table and take a copy of it; one that reads merged tables of all partitions is empty here."""
        if broadcast:
            query = sql.strip().removesuffix(";")
            self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS FROM ({query}) LIMIT 0", values or None)
            return
        AnalysisContext.aggregate(self, table, sql, rule, broadcast=(), **values)
        self.tables.aggregates[self.names.table_name(table)] = pack_table(self.connection, table, rule)


@dataclass(frozen=True, slots=True)
class PartitionRequest(Request):
    """A request whose context writes down what adds up. Every analyzer begins with it."""

    tables: PartitionTables = field(default_factory=PartitionTables)

    def context(self) -> PartitionContext:
        """As of any request."""
        context = Request.context(self)
        _create_groups(context)
        values = pack_table(context.connection, "values_of_groups", MergeByKeys(keys=("group_values",)), local=True)
        self.tables.aggregates[GROUPS] = values
        return PartitionContext(
            **{each.name: getattr(context, each.name) for each in fields(context)}, tables=self.tables
        )


def read_partition(blobs: Iterable[bytes], job: Job) -> PartitionTables:
    """All lines of some calls → what they add. Raises VoicetelError where the bucket cannot be read whole."""
    job.check()
    umask = os.umask(0o077)
    try:
        with tempfile.TemporaryFile(prefix="voicetel-") as file:
            _write_lines(file, blobs)
            # It has no name, so that nothing of it is left whatever becomes of this run.
            with open_store([f"/dev/fd/{file.fileno()}"], job.rules, cache=False, warn=_fail, threads=1) as store:
                return partition_tables(store, job)
    finally:
        os.umask(umask)


def partition_tables(store: Store, job: Job) -> PartitionTables:
    """What the calls of a store add to the report of ``job``."""
    tables = PartitionTables()
    connection = store.connection
    counts = store.counts()
    ((events,),) = connection.execute("SELECT count(*) FROM events").fetchall()
    ((lines,),) = connection.execute("SELECT count(*) FROM stored_events").fetchall()
    values = {"lines": lines, "events": events, "rejected": counts.rejected, "unsupported": counts.unsupported}
    connection.execute(f"CREATE TEMP TABLE input_totals AS {_INPUT_TOTALS}", values)
    tables.aggregates["input_totals"] = pack_table(connection, "input_totals", TOTALS_RULE)
    with contextlib.suppress(NoDataError):  # none of the calls here is among those asked for
        _run_report(PartitionRequest(store, job.selection, job.card, job.rules, tables=tables), job)
    return tables


def _run_report(request: PartitionRequest, job: Job) -> None:
    match job.kind:
        case "analyze":
            create_contradictions(request.store)
            request.tables.aggregates[CONTRADICTIONS] = pack_table(
                request.store.connection, CONTRADICTIONS, CONTRADICTIONS_RULE
            )
            overviews_of(request.context(), request.rate_card, slow_thresholds=slow_thresholds(job))
        case "calls":
            request.context()
            _pack_calls(request)
        case kind if kind == VALIDATE:
            create_contradictions(request.store)
            request.tables.aggregates[CONTRADICTIONS] = pack_table(
                request.store.connection, CONTRADICTIONS, CONTRADICTIONS_RULE
            )
        case kind if kind == EXPORT:
            request.tables.rows.update(export_partition(request.store, job))
        case kind if kind in SAMPLED:
            request.tables.rows.update(pack_sample(request.store, job))
        case _:
            find_report(job.kind).ask(request, job.options)


def slow_thresholds(job: Job) -> tuple[str, ...]:
    """Above which a response is slow, of ``analyze``."""
    return parse_thresholds(job.options["slow"]) if "slow" in job.options else SLOW_THRESHOLDS_MS


def _pack_calls(request: PartitionRequest) -> None:
    connection = request.store.connection
    found = calls(request.store, request.rate_card, request.selection)
    connection.register("found_calls", found)
    request.tables.rows[RATES] = pack_table(connection, PRICED_RATES_SQL, local=True)
    connection.execute(
        "CREATE TEMP VIEW found_open_calls AS"
        " SELECT call_id, last_event_at FROM selected_calls WHERE state = 'in_progress'"
    )
    request.tables.rows[CALLS] = pack_table(connection, "found_calls", local=True)
    request.tables.rows[OPEN_CALLS] = pack_table(connection, "found_open_calls", local=True)


def _create_groups(context: AnalysisContext) -> None:
    """Make ``call_groups``; rows of no group stand under a list that no group has."""
    groups = "SELECT DISTINCT group_id, group_values FROM selected_calls"
    if not context.grouping.is_of_calls:
        groups = f"SELECT group_id, group_values FROM group_keys UNION ALL SELECT {NO_GROUP}, []"
    context.connection.execute(f"CREATE OR REPLACE TEMP TABLE {GROUPS} AS {groups}")
    values = f"SELECT group_values FROM {GROUPS} WHERE group_id <> {NO_GROUP}"
    context.connection.execute(f"CREATE OR REPLACE TEMP VIEW values_of_groups AS {values}")


def _write_lines(file: BinaryIO, blobs: Iterable[bytes]) -> None:
    """The lines as one log. It begins with an empty line, so that none of them is the first of a file, which may have a byte order mark."""
    file.write(b"\n")
    file.writelines(map(unpack_lines, blobs))
    file.flush()


def _fail(message: str) -> None:
    raise VoicetelError(f"a worker could not read its calls: {message}")
