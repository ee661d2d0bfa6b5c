"""What turns were scored once and need not be scored again, kept beside the segments as one file. It holds no transcript."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

import duckdb

from voicetel.store.segments.files import checksum_of

if TYPE_CHECKING:
    from pathlib import Path

    from voicetel.store.store import Store

_PREFIX, _SUFFIX = "turn_scores.", ".kept"


def get_scores(store: Store, table: str) -> None:
    """Add what was kept to ``table``. A file that is not what was written is none."""
    for path in _files(store.directory):
        with contextlib.suppress(OSError, duckdb.Error):
            checksum, _ = checksum_of(path)
            if path.name == f"{_PREFIX}{checksum}{_SUFFIX}":
                store.connection.execute(f"INSERT INTO {table} SELECT * FROM read_parquet($path)", {"path": str(path)})
                return


def put_scores(store: Store, table: str) -> None:
    """Keep what is in ``table``, in place of what was kept before."""
    before = _files(store.directory)
    unfinished = store.directory / f"{_PREFIX}{os.getpid()}.part"
    with contextlib.suppress(OSError, duckdb.Error):
        os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        path = str(unfinished).replace("'", "''")
        store.connection.execute(f"COPY {table} TO '{path}' (FORMAT parquet, COMPRESSION lz4, USE_TMP_FILE false)")
        checksum, _ = checksum_of(unfinished)
        kept = store.directory / f"{_PREFIX}{checksum}{_SUFFIX}"
        unfinished.rename(kept)
        for path_before in before:
            if path_before != kept:
                path_before.unlink(missing_ok=True)


def _files(directory: Path) -> list[Path]:
    return sorted(directory.glob(f"{_PREFIX}*{_SUFFIX}"))
