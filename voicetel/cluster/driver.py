"""The report on the driver: of the merged tables of all partitions, by the analyzers that make it on one machine."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import duckdb
import pyarrow as pa

from voicetel.analyzers.calls.calls import with_rate_notes
from voicetel.analyzers.core.context import AnalysisContext
from voicetel.analyzers.core.groups import NO_GROUP
from voicetel.analyzers.core.no_calls import InputSummary, explain_no_calls
from voicetel.analyzers.core.select_calls import IN_PROGRESS_MACRO
from voicetel.analyzers.core.sql_files import quoted_name
from voicetel.analyzers.cost.rate_notes import notes_on_rates
from voicetel.analyzers.overview.group_notes import group_notes
from voicetel.analyzers.overview.overviews import overviews_of
from voicetel.analyzers.overview.results import Analysis, AnalysisInput
from voicetel.analyzers.request import Request
from voicetel.analyzers.validation.contradictions import contradiction_notes, listed_notes, other_file_notes
from voicetel.cluster.packed_tables import GROUPS, RATES, create_table, decode, pack_table, unpack_batches, values_of
from voicetel.cluster.partition import CALLS, CONTRADICTIONS, OPEN_CALLS, slow_thresholds
from voicetel.cluster.relation_names import RelationNames
from voicetel.cluster.routing.line_findings import NOT_LOG_FILES, TOO_LONG, misspelt_in_beginnings
from voicetel.cluster.sample import merge_samples
from voicetel.cluster.second_pass import RESULT, SecondPass
from voicetel.registry import find_report

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from voicetel.analyzers.core.groups import Grouping
    from voicetel.analyzers.core.merge_rules import MergeRule
    from voicetel.cluster.job import Job
    from voicetel.cluster.packed_tables import PackedTable
    from voicetel.cluster.routing.splits import Listing
    from voicetel.gate.samples.sample import Sample

_NO_STORE: Any = None
"""Nothing of a request that is answered from merged aggregates reads a store."""

RunSecondPass: TypeAlias = Callable[[SecondPass], bytes]
"""Runs a query over all partitions: the merged rows of its result."""


@dataclass(frozen=True, slots=True)
class DriverContext(AnalysisContext):
    """A context without calls: what would be made of them is not, and what adds up is merged from the partitions."""

    aggregates: Mapping[str, PackedTable]
    run_second_pass: RunSecondPass
    names: RelationNames = field(default_factory=RelationNames)

    def run_on_calls(self, sql: str, **values: object) -> None:
        """Nothing: there are no calls here."""

    def create_view(self, name: str, sql: str, *, materialize: bool = False) -> None:
        """Nothing: there are no calls here."""
        self.names.create_view(name, sql)

    def keep_for_second_pass(self, relation: str) -> None:
        """The partitions have it."""
        self.names.keep_for_second_pass(relation)

    def append(self, table: str, sql: str, *, replace: bool, **values: object) -> None:
        """Nothing: there are no calls here."""

    def aggregate(
        self, table: str, sql: str, rule: MergeRule, *, broadcast: tuple[str, ...] = (), **values: object
    ) -> None:
        """The merged table of all partitions; one that reads earlier ones is computed now, in a second pass."""
        if not broadcast:
            create_table(self.connection, table, self.aggregates[self.names.table_name(table)])
            return
        sent = {name: pack_table(self.connection, name) for name in broadcast}
        second_pass = SecondPass(sql, values, rule, dict(self.names.for_second_pass), sent)
        create_table(self.connection, table, decode(self.run_second_pass(second_pass))[RESULT])


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverRequest(Request):
    """A request that is answered from merged aggregates."""

    driver_context: DriverContext

    def context(self) -> DriverContext:
        """As of any request."""
        return replace(self.driver_context, selection=self.selection)


@dataclass(frozen=True, slots=True)
class InputTotals:
    """What was read, in all partitions together.

    ``accepted_lines`` are those that were not rejected, duplicates among them; ``distinct_events`` are without duplicates.
    """

    summary: InputSummary
    listing: Listing
    newest: datetime | None
    calls: int
    accepted_lines: int = 0
    distinct_events: int = 0

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was passed over."""
        return self.listing.warnings

    @classmethod
    def of(cls, aggregates: Mapping[str, PackedTable], paths: Sequence[str], listing: Listing) -> InputTotals:
        """From the merged aggregates of all partitions."""
        rejected = unsupported = calls = lines = events = 0
        first = last = newest = None
        if "input_totals" in aggregates:
            ((row),) = unpack_batches(aggregates["input_totals"].rows).to_pylist()
            rejected, unsupported = row["rejected_lines"], row["unsupported_lines"]
            first, last, newest = row["first_start"], row["last_start"], row["newest"]
            calls, lines, events = row["calls"], row["lines"], row["events"]
        rejected += one_number(aggregates, TOO_LONG)  # they came to no partition
        summary = InputSummary(tuple(paths), rejected, unsupported, first, last)
        return cls(summary, listing, newest, calls, lines, events)


def one_number(aggregates: Mapping[str, PackedTable], name: str) -> int:
    """What the one column of a table of one row adds up to; 0 where there is none."""
    return int(unpack_batches(aggregates[name].rows).column(0)[0].as_py()) if name in aggregates else 0


def files_without_events(aggregates: Mapping[str, PackedTable], listing: Listing) -> list[str]:
    """The files that look like no log and of which no line counts, by their names."""
    rows = unpack_batches(aggregates[NOT_LOG_FILES].rows).to_pylist() if NOT_LOG_FILES in aggregates else []
    files = [path for row in rows if not row["events"] for path in listing.streams[row["stream"]]]
    return sorted([*files, *listing.incomplete_files], key=os.fsencode)


def report_of(
    job: Job, aggregates: Mapping[str, PackedTable], totals: InputTotals, run_second_pass: RunSecondPass
) -> Any:
    """The answer of the report of ``job``. Raises NoDataError where no call is among those asked for, as one machine does."""
    if GROUPS not in aggregates:
        raise explain_no_calls(totals.summary, job.selection)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(IN_PROGRESS_MACRO)
        grouping = job.grouping
        groups = _create_groups(connection, aggregates, grouping)
        driver_context = DriverContext(
            connection,
            job.selection,
            groups,
            is_unfiltered=False,
            grouping=grouping,
            has_calls=True,
            aggregates=aggregates,
            run_second_pass=run_second_pass,
        )
        request = DriverRequest(_NO_STORE, job.selection, job.card, job.rules, driver_context=driver_context)
        if job.kind != "analyze":
            return find_report(job.kind).ask(request, job.options)
        summary = totals.summary
        figures = overviews_of(request.context(), job.card, slow_thresholds=slow_thresholds(job))
        (contradicted,) = unpack_batches(aggregates[CONTRADICTIONS].rows).to_pylist()
        contradicted["misspelt_field"] = misspelt_in_beginnings(totals.listing)
        inputs = AnalysisInput(
            summary.paths,
            summary.rejected_lines,
            summary.unsupported_lines,
            totals.listing.pending_bytes,
            totals.warnings,
        )
        return Analysis(
            inputs,
            *figures,
            notes=(
                *group_notes(job.selection.by),
                *contradiction_notes(contradicted),
                *listed_notes(contradicted),
                *other_file_notes(files_without_events(aggregates, totals.listing)),
            ),
        )


def sample_of(job: Job, partitions: Sequence[Mapping[str, PackedTable]], totals: InputTotals) -> Sample:
    """The sample of the calls of all partitions. Raises NoDataError where there are none."""
    summary = totals.summary
    lines = totals.distinct_events + summary.rejected_lines + summary.unsupported_lines
    found = merge_samples(job, partitions, totals.newest, lines, summary.rejected_lines) if partitions else None
    if not found:
        raise explain_no_calls(summary, job.selection)
    return found


def calls_of(job: Job, partitions: Sequence[Mapping[str, PackedTable]], totals: InputTotals) -> pa.Table:
    """The rows of ``voicetel calls`` of all partitions, in its order. Raises NoDataError where there are none."""
    if not partitions:
        raise explain_no_calls(totals.summary, job.selection)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(IN_PROGRESS_MACRO)
        for name in (CALLS, OPEN_CALLS):
            connection.register(
                name, pa.concat_tables([unpack_batches(partition[name].rows) for partition in partitions])
            )
        by = ", ".join(f"CAST(calls.{quoted_name(name)} AS VARCHAR)" for name in job.selection.by)
        key = f"{job.grouping.order_sql(f'[{by}]')}, " if by else ""
        rows = connection.sql(
            "SELECT calls.* REPLACE (CASE WHEN NOT is_in_progress(last_event_at, $newest) THEN 'incomplete' ELSE state END AS state)"
            f" FROM {CALLS} AS calls LEFT JOIN {OPEN_CALLS} USING (call_id) ORDER BY {key}started_at, call_id",
            params={"newest": totals.newest},
        ).to_arrow_table()
    return with_rate_notes(rows, notes_on_rates(job.card, values_of(partitions, RATES)))


def _create_groups(
    connection: duckdb.DuckDBPyConnection, aggregates: Mapping[str, PackedTable], grouping: Grouping
) -> tuple[tuple[str | None, ...], ...]:
    """Number the groups of all partitions in the order of their values."""
    connection.register("values_of_groups", unpack_batches(aggregates[GROUPS].rows))
    order = grouping.order_sql("group_values")
    connection.execute(
        f"CREATE TEMP TABLE {GROUPS} AS SELECT"
        f" CAST(row_number() OVER (ORDER BY {order}) - 1 AS INTEGER) AS group_id, group_values"
        " FROM (SELECT DISTINCT group_values FROM values_of_groups)"
    )
    rows = connection.execute(f"SELECT group_values FROM {GROUPS} ORDER BY group_id").fetchall()
    if not grouping.is_of_calls:
        connection.execute(f"INSERT INTO {GROUPS} VALUES ({NO_GROUP}, [])")
    return tuple(tuple(values) for (values,) in rows)
