"""Hashes of lines by their bytes, as DuckDB makes them: two lines with equal bytes are the same line."""

from __future__ import annotations

import mmap
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from voicetel.store.ingest.line_contents import hash_sql

if TYPE_CHECKING:
    import duckdb

    from voicetel.store.ingest.chunks.chunk import Chunk
    from voicetel.store.ingest.lines.text_hashes import Hashes

_INLINED_BYTES = 12
"""Arrow's view of a text has so many bytes of a short one in it, and of a longer one its first four."""


def line_hashes(connection: duckdb.DuckDBPyConnection, lines: Any) -> Hashes:
    """A hash of each line of an array of bytes."""
    cursor = connection.cursor()
    cursor.register("hashed_lines", pa.table({"line": lines}))
    hashes: Hashes = cursor.execute(f"SELECT {hash_sql('line')} AS hash FROM hashed_lines").fetchnumpy()["hash"].copy()
    cursor.close()
    return hashes


def chunk_hashes(connection: duckdb.DuckDBPyConnection, chunk: Chunk) -> Hashes:
    """The hashes of every line of a chunk, from where it stands: nothing is copied but for keys."""
    with mmap.mmap(chunk.descriptor, chunk.size, prot=mmap.PROT_READ) as memory:
        data = np.frombuffer(memory, np.uint8)
        views = np.zeros((len(chunk.begins), 4), np.uint32)
        views[:, 0] = chunk.ends - chunk.begins
        views[:, 3] = chunk.begins
        for nth in np.flatnonzero(views[:, 0] <= _INLINED_BYTES).tolist():
            line = bytes(data[chunk.begins[nth] : chunk.ends[nth]])
            views[nth, 1:] = np.frombuffer(line.ljust(_INLINED_BYTES, b"\0"), np.uint32)
        long = np.flatnonzero(views[:, 0] > _INLINED_BYTES)
        if len(long):
            prefixes = np.lib.stride_tricks.as_strided(data[:4].view(np.uint32), (len(data) - 3,), (1,))
            views[long, 1] = prefixes[chunk.begins[long]]
            del prefixes
        array = pa.Array.from_buffers(pa.binary_view(), len(views), [None, pa.py_buffer(views), pa.py_buffer(memory)])
        hashes = line_hashes(connection, array)
        del array, data
    return hashes
