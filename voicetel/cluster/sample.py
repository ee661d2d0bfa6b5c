"""Calls as a sample, for trends, limits and comparisons: the rows of all partitions, numbered anew."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import duckdb

from voicetel.analyzers.core.select_calls import IN_PROGRESS_MACRO
from voicetel.analyzers.cost.rate_notes import PRICED_RATES_SQL, notes_on_rates
from voicetel.cluster.packed_tables import RATES, PackedTable, create_table, pack_table, values_of
from voicetel.gate.samples.take import create_sample_tables, read_sample

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from voicetel.cluster.job import Job
    from voicetel.gate.samples.sample import Sample
    from voicetel.store import Store

SAMPLE = "sample"
"""The report of a job that asks for a sample; its groups are the dimensions that the sample is taken with."""

SAMPLED = ("trend", SAMPLE)
"""Reports that are made of one."""

_CALLS, _TURNS, _OPEN_CALLS = "sample_calls", "sample_turns", "sample_open_calls"

_OPEN = "SELECT number, last_event_at FROM sample_calls JOIN selected_calls USING (call_id) WHERE state = 'in_progress'"

_NUMBERED = """
SELECT
    partition_number, number AS number_in_partition, row_number() OVER (ORDER BY started_at, call_id) - 1 AS number,
    {group_id} AS group_id
FROM all_{calls}"""

_CALLS_OF_ALL = """
SELECT
    calls.* EXCLUDE (partition_number) REPLACE (
        numbered.number AS number, numbered.group_id AS group_id,
        CASE WHEN NOT is_in_progress(open.last_event_at, $newest) THEN 1 ELSE incomplete END AS incomplete)
FROM all_{calls} AS calls
JOIN numbered ON numbered.partition_number = calls.partition_number AND numbered.number_in_partition = calls.number
LEFT JOIN all_{open} AS open ON open.partition_number = calls.partition_number AND open.number = calls.number"""

_TURNS_OF_ALL = """
SELECT turns.* EXCLUDE (partition_number) REPLACE (CAST(numbered.number AS INTEGER) AS number)
FROM all_{turns} AS turns
JOIN numbered ON numbered.partition_number = turns.partition_number AND numbered.number_in_partition = turns.number"""


def pack_sample(store: Store, job: Job) -> dict[str, PackedTable]:
    """The sample of one partition's calls, when the last event of those in progress was, and the rates that priced them."""
    create_sample_tables(store, job.card, job.selection)
    store.connection.execute(f"CREATE OR REPLACE TEMP VIEW {_OPEN_CALLS} AS {_OPEN}")
    relations = {name: name for name in (_CALLS, _TURNS, _OPEN_CALLS)} | {RATES: PRICED_RATES_SQL}
    return {name: pack_table(store.connection, relation, local=True) for name, relation in relations.items()}


def merge_samples(
    job: Job, partitions: Sequence[Mapping[str, PackedTable]], newest: datetime | None, lines: int, refused_lines: int
) -> Sample:
    """The sample that one machine would take: the same calls in the same order. There is a partition at least.

    ``newest`` is when the newest event of all was, by which calls without an end are in progress or incomplete.
    """
    names = {"calls": _CALLS, "turns": _TURNS, "open": _OPEN_CALLS}
    order = job.grouping.order_sql("group_values")
    group_id = f"CAST(dense_rank() OVER (ORDER BY {order}) - 1 AS INTEGER)" if job.selection.by else "0"
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for name in names.values():
            _create_table_of_all(connection, name, [partition[name] for partition in partitions])
        connection.execute(f"CREATE TEMP TABLE numbered AS {_NUMBERED.format(group_id=group_id, **names)}")
        connection.execute(IN_PROGRESS_MACRO)
        sql = _CALLS_OF_ALL.format(**names)
        connection.execute(f"CREATE TEMP TABLE {_CALLS} AS {sql}", {"newest": newest})
        connection.execute(f"CREATE TEMP TABLE {_TURNS} AS {_TURNS_OF_ALL.format(**names)}")
        found = read_sample(connection, job.selection.by, job.card.currency, lines, refused_lines)
    return replace(found, notes_on_rates=partial(notes_on_rates, job.card, values_of(partitions, RATES)))


def _create_table_of_all(connection: duckdb.DuckDBPyConnection, name: str, partitions: Sequence[PackedTable]) -> None:
    """Make the table ``all_<name>`` of the rows of all partitions, each with its ``partition_number``."""
    for number, partition in enumerate(partitions):
        create_table(connection, name, partition, local=True, view=True)
        rows = f"SELECT *, {number} AS partition_number FROM {name}"
        begin = f"CREATE TEMP TABLE all_{name} AS" if number == 0 else f"INSERT INTO all_{name}"
        connection.execute(f"{begin} {rows}")
        connection.execute(f"DROP VIEW {name}")
