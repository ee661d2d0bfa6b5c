"""Parquet from one partition of the calls, into the folder that the driver makes whole."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from voicetel.analyzers.prepare import analysis_context
from voicetel.cluster.packed_tables import PackedTable, pack_table
from voicetel.errors import VoicetelError
from voicetel.exporters.files import write_partitions
from voicetel.exporters.rows import parts_of
from voicetel.exporters.tables import TABLES

if TYPE_CHECKING:
    from voicetel.cluster.job import Job
    from voicetel.store import Store

EXPORT = "export"
"""The report of a job that writes Parquet; its options are ``folder`` and ``with_text``."""

FILES, OPEN_CALLS = "export_files", "export_open_calls"
"""Rows that travel: what was written, and when the last event of those calls was that are in progress."""


def export_partition(store: Store, job: Job) -> dict[str, PackedTable]:
    """Write the rows of one partition's calls, and list the files. Those of an attempt that failed are in no list.

    Raises VoicetelError where the folder is not there.
    """
    folder = Path(job.options["folder"])
    if not folder.is_dir():
        raise VoicetelError(f"a worker does not see {folder.parent}", hint="name a folder that all machines share")
    name = secrets.token_hex(8)
    context = analysis_context(store, job.selection, card=job.card)
    connection = store.connection
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {OPEN_CALLS} AS"
        " SELECT call_id, last_event_at FROM selected_calls WHERE state = 'in_progress'"
    )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {FILES} (table_name VARCHAR, path VARCHAR, rows BIGINT)")
    if context.has_calls:
        counts = dict.fromkeys((table.name for table in TABLES), 0)
        for number, rows in enumerate(parts_of(store, job.card, job.selection, with_text=job.options["with_text"])):
            for table in TABLES:
                counts[table.name] += write_partitions(rows, f"{name}_{number}", table, folder)
        for table_name, count in counts.items():
            written = sorted(f"{path.relative_to(folder)}" for path in (folder / table_name).rglob(f"part_{name}_*"))
            for nth, path in enumerate(written):
                row = [table_name, path, count if nth == 0 else 0]
                connection.execute(f"INSERT INTO {FILES} VALUES (?, ?, ?)", row)
    return {each: pack_table(connection, each, local=True) for each in (FILES, OPEN_CALLS)}
