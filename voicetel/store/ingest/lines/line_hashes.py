"""Hashes of lines by their bytes, as DuckDB makes them: two lines with equal bytes are the same line."""

from __future__ import annotations

import mmap
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    import duckdb

    from voicetel.store.ingest.chunks.chunk import Chunk
    from voicetel.store.ingest.lines.text_hashes import Hashes

_INLINED_BYTES = 12
"""Arrow's view of a text has so many bytes of a short one in it, and of a longer one its first four."""


_CONTENT_KEY = r"xor(hash(line), hash('\x00\x00\x00'::BLOB || line))"
"""DuckDB's hash takes eight bytes at a time, of which the last has little weight: lines that differ in such bytes alone, as those of
equal build do whose numbers stand there, can have the same. Moved by three bytes they differ elsewhere.
"""


class LineHashes(NamedTuple):
    """Of each line a hash of its bytes, and what tells it from others where no writer and seq do; unset where all lines have these."""

    line_hash: Hashes
    content_key: Hashes

    def of(self, nth: Any) -> LineHashes:
        """Those of some of the lines."""
        return LineHashes(self.line_hash[nth], self.content_key[nth])


def line_hashes(connection: duckdb.DuckDBPyConnection, lines: Any, *, with_keys: bool = True) -> LineHashes:
    """The hashes of each line of an array of bytes."""
    cursor = connection.cursor()
    cursor.register("hashed_lines", pa.table({"line": lines}))
    key = _CONTENT_KEY if with_keys else "CAST(0 AS UBIGINT)"
    read = cursor.execute(f"SELECT hash(line) AS line_hash, {key} AS content_key FROM hashed_lines").fetchnumpy()
    hashes = LineHashes(read["line_hash"].copy(), read["content_key"].copy())
    cursor.close()
    return hashes


def chunk_hashes(connection: duckdb.DuckDBPyConnection, chunk: Chunk, *, with_keys: bool) -> LineHashes:
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
        hashes = line_hashes(connection, array, with_keys=with_keys)
        del array, data
    return hashes
