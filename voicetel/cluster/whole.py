"""The report, made of what all parts of the calls add up to, by the analyzers that make it on one machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import duckdb
import pyarrow as pa

from voicetel.analyzers.core.context import AnalysisContext
from voicetel.analyzers.core.groups import NO_GROUP
from voicetel.analyzers.core.no_calls import WhatWasRead, why_no_calls
from voicetel.analyzers.overview.analyze import reports_of
from voicetel.analyzers.overview.group_notes import group_notes
from voicetel.analyzers.overview.results import Analysis, Input
from voicetel.analyzers.request import Request
from voicetel.analyzers.validation.contradictions import contradiction_notes, listed_notes
from voicetel.cluster.packed import GROUPS, create_table, decode, pack_table, unpack_batches
from voicetel.cluster.part import CALLS, CONTRADICTIONS, OPEN_CALLS, slow_thresholds
from voicetel.cluster.question import ANSWER, Question
from voicetel.cluster.sample import merge_samples
from voicetel.cluster.scope import Scope
from voicetel.registry import find_report

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from voicetel.analyzers.core.groups import Grouping
    from voicetel.analyzers.core.merge_rules import MergeRule
    from voicetel.cluster.job import Job
    from voicetel.cluster.packed import Packed
    from voicetel.cluster.splits import Listing
    from voicetel.gate.sample import Sample

_NO_STORE: Any = None
"""Nothing of a request that is answered from sums reads a store."""

Ask: TypeAlias = Callable[[Question], bytes]
"""Puts a question to all parts; their answers, added up."""


@dataclass(frozen=True, slots=True)
class WholeContext(AnalysisContext):
    """A context without calls: what would be made of them is not, and what adds up is what the parts came to."""

    sums: Mapping[str, Packed]
    ask: Ask
    scope: Scope = field(default_factory=Scope)

    def create(self, sql: str, **values: object) -> None:
        """Nothing: there are no calls here."""

    def create_view(self, name: str, sql: str, *, materialize: bool = False) -> None:
        """Nothing: there are no calls here."""
        self.scope.create_view(name, sql)

    def persist(self, relation: str) -> None:
        """The parts have it."""
        self.scope.keep(relation)

    def append(self, table: str, sql: str, *, replace: bool, **values: object) -> None:
        """Nothing: there are no calls here."""

    def aggregate(
        self, table: str, sql: str, rule: MergeRule, *, broadcast: tuple[str, ...] = (), **values: object
    ) -> None:
        """The table as all parts have it together; one that asks is asked for now."""
        if not broadcast:
            create_table(self.connection, table, self.sums[self.scope.name_of(table)])
            return
        sent = {name: pack_table(self.connection, name) for name in broadcast}
        answer = decode(self.ask(Question(sql, values, rule, dict(self.scope.kept), sent)))
        create_table(self.connection, table, answer[ANSWER])


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeRequest(Request):
    """A request that is answered from sums."""

    whole: WholeContext

    def context(self) -> WholeContext:
        """As of any request."""
        return replace(self.whole, selection=self.selection)


@dataclass(frozen=True, slots=True)
class Facts:
    """What was read, in all parts together."""

    read: WhatWasRead
    pending_bytes: int
    warnings: tuple[str, ...]
    newest: datetime | None
    calls: int
    events: int = 0

    @classmethod
    def of(cls, sums: Mapping[str, Packed], paths: Sequence[str], listing: Listing, too_long: int) -> Facts:
        """From the sums of all parts; ``too_long`` lines were refused before they came to any."""
        refused = unsupported = calls = events = 0
        first = last = newest = None
        if "facts" in sums:
            ((row),) = unpack_batches(sums["facts"].rows).to_pylist()
            refused, unsupported = row["refused_lines"], row["unsupported_lines"]
            first, last, newest = row["first_start"], row["last_start"], row["newest"]
            calls, events = row["calls"], row["events"]
        read = WhatWasRead(tuple(paths), refused + too_long, unsupported, first, last)
        return cls(read, listing.pending_bytes, listing.warnings, newest, calls, events)


def report_of(job: Job, sums: Mapping[str, Packed], facts: Facts, ask: Ask) -> Any:
    """The answer of the report of ``job``. Raises NoDataError where no call is among those asked for, as one machine does."""
    if GROUPS not in sums:
        raise why_no_calls(facts.read, job.selection)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        grouping = job.grouping
        groups = _create_groups(connection, sums, grouping)
        whole = WholeContext(
            connection,
            job.selection,
            groups,
            is_unfiltered=False,
            grouping=grouping,
            has_calls=True,
            sums=sums,
            ask=ask,
        )
        request = WholeRequest(_NO_STORE, job.selection, job.card, job.rules, whole=whole)
        if job.report != "analyze":
            return find_report(job.report).ask(request, job.options)
        read = facts.read
        (contradicted,) = unpack_batches(sums[CONTRADICTIONS].rows).to_pylist()
        inputs = Input(read.paths, read.refused_lines, read.unsupported_lines, facts.pending_bytes, facts.warnings)
        return Analysis(
            inputs,
            *reports_of(request.context(), job.card, slow_thresholds=slow_thresholds(job)),
            notes=(*group_notes(job.selection.by), *contradiction_notes(contradicted), *listed_notes(contradicted)),
        )


def sample_of(job: Job, parts: Sequence[Mapping[str, Packed]], facts: Facts) -> Sample:
    """The sample of the calls of all parts. Raises NoDataError where there are none."""
    read = facts.read
    lines = facts.events + read.refused_lines + read.unsupported_lines
    found = merge_samples(job, parts, facts.newest, lines, read.refused_lines) if parts else None
    if not found:
        raise why_no_calls(read, job.selection)
    return found


def calls_of(job: Job, parts: Sequence[Mapping[str, Packed]], facts: Facts) -> pa.Table:
    """The rows of ``voicetel calls`` of all parts, in its order. Raises NoDataError where there are none."""
    if not parts:
        raise why_no_calls(facts.read, job.selection)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for name in (CALLS, OPEN_CALLS):
            connection.register(name, pa.concat_tables([unpack_batches(part[name].rows) for part in parts]))
        by = ", ".join(f'CAST(calls."{name}" AS VARCHAR)' for name in job.selection.by)
        key = f"{job.grouping.order(f'[{by}]')}, " if by else ""
        return connection.sql(
            "SELECT calls.* REPLACE (CASE WHEN last_event_at < $newest - INTERVAL 1 HOUR THEN 'incomplete' ELSE state END AS state)"
            f" FROM {CALLS} AS calls LEFT JOIN {OPEN_CALLS} USING (call_id) ORDER BY {key}started_at, call_id",
            params={"newest": facts.newest},
        ).to_arrow_table()


def _create_groups(
    connection: duckdb.DuckDBPyConnection, sums: Mapping[str, Packed], grouping: Grouping
) -> tuple[tuple[str | None, ...], ...]:
    """Number the groups of all parts in the order of their values."""
    connection.register("values_of_groups", unpack_batches(sums[GROUPS].rows))
    order = grouping.order("group_values") if grouping.dimensions else "group_values"
    connection.execute(
        f"CREATE TEMP TABLE {GROUPS} AS SELECT"
        f" CAST(row_number() OVER (ORDER BY {order}) - 1 AS INTEGER) AS group_id, group_values"
        " FROM (SELECT DISTINCT group_values FROM values_of_groups)"
    )
    rows = connection.execute(f"SELECT group_values FROM {GROUPS} ORDER BY group_id").fetchall()
    if not grouping.is_of_calls:
        connection.execute(f"INSERT INTO {GROUPS} VALUES ({NO_GROUP}, [])")
    return tuple(tuple(values) for (values,) in rows)
