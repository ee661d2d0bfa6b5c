"""Parquet from one partition of the calls, into the folder that the driver makes whole."""

from __future__ import annotations

import contextlib
import json
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from voicetel.analyzers.prepare import analysis_context
from voicetel.cluster.packed_tables import RATES, PackedTable, pack_rows, pack_table
from voicetel.errors import VoicetelError
from voicetel.exporters.files import write_partitions
from voicetel.exporters.lake import ParquetFile
from voicetel.exporters.object_folder import ObjectFolder
from voicetel.exporters.rows import parts_of
from voicetel.exporters.tables import TABLES
from voicetel.store.directory import temporary_directory
from voicetel.store.ingest.open_log import is_storage_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicetel.cluster.job import Job
    from voicetel.store import Store

EXPORT = "export"
"""The report of a job that writes Parquet; its options are ``folder``, a path or a URI, ``token``, with which names of files begin, and
``with_text``."""

FILES, OPEN_CALLS = "export_files", "export_open_calls"
"""Rows that travel: what was written, and when the last event of those calls was that are in progress, with how their files are called."""

_COLUMNS = {"table_name": "VARCHAR", "path": "VARCHAR", "rows": "BIGINT", "bytes": "BIGINT", "types": "VARCHAR"}


def export_partition(store: Store, job: Job) -> dict[str, PackedTable]:
    """Write the rows of one partition's calls, and list the files. Those of an attempt that failed are in no list.

    Raises VoicetelError where the folder is not there.
    """
    name = f"{job.options['token']}{secrets.token_hex(4)}"
    context = analysis_context(store, job.selection, card=job.card)
    store.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {OPEN_CALLS} AS"
        " SELECT call_id, last_event_at, $name AS name FROM selected_calls WHERE state = 'in_progress'",
        {"name": name},
    )
    files: list[dict[str, object]] = []
    parts = parts_of(store, job.card, job.selection, with_text=job.options["with_text"])
    if context.has_calls:
        with _folder(job.options["folder"]) as folder:
            for number, rows in enumerate(parts):
                for table in TABLES:
                    write_partitions(rows, f"{name}_{number}", table, folder)
            for table in TABLES:
                for path in sorted((folder / table.name).rglob(f"part_{name}_*")):
                    file = ParquetFile.of(path, folder)
                    files.append({
                        "table_name": table.name, "path": file.path, "rows": file.rows, "bytes": file.bytes,
                        "types": json.dumps(file.types),
                    })  # fmt: skip
    return {
        FILES: pack_rows(files, _COLUMNS),
        OPEN_CALLS: pack_table(store.connection, OPEN_CALLS, local=True),
        RATES: pack_rows([{"card_table": name} for name in parts.rates], {"card_table": "VARCHAR"}),
    }


@contextlib.contextmanager
def _folder(location: str) -> Iterator[Path]:
    """The folder to write into: the one that all share or, of objects, one that is uploaded afterwards."""
    if not is_storage_object(location):
        folder = Path(location)
        if not folder.is_dir():
            raise VoicetelError(f"a worker does not see {folder.parent}", hint="name a folder that all machines share")
        yield folder
        return
    objects = ObjectFolder(location)
    with temporary_directory() as here:
        yield here
        for path in sorted(here.rglob("*.parquet")):
            objects.put(path, path.relative_to(here).as_posix())
