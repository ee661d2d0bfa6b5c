"""Hashes of the ids of calls, of which each says its call's bucket: of many ids at once, and the same on every machine."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

    from voicetel.store.segments.arrays import Integers

Hashes: TypeAlias = NDArray[np.uint64]

ID_BYTES = 64
"""Ids of fewer bytes are hashed eight bytes at a time, with zeros behind them; longer ones one by one."""

_FACTORS = np.array([pow(0x9E3779B97F4A7C15, nth, 1 << 64) for nth in range(1, ID_BYTES // 8 + 1)], np.uint64)
"""Odd numbers without order: powers of 2^64 divided by the golden ratio."""
_HALF = np.uint64(32)


def hash_padded(ids: NDArray[np.uint8]) -> Hashes:
    """A hash of each row of ID_BYTES: a sum of products, whose upper half is mixed into the lower one."""
    eights = np.ascontiguousarray(ids).view("<u8")
    eights = (eights ^ (eights >> _HALF)) * _FACTORS
    found: Hashes = eights.sum(axis=1, dtype=np.uint64)
    found ^= found >> _HALF
    found *= _FACTORS[0]
    found ^= found >> _HALF
    return found


def hash_texts(texts: pa.Array) -> Hashes:
    """A hash of each text of a binary array: of a text of fewer than ID_BYTES bytes that of its row with zeros behind it."""
    contents = [text.as_py() for text in texts]
    rows = b"".join(text.ljust(ID_BYTES, b"\0") if len(text) < ID_BYTES else bytes(ID_BYTES) for text in contents)
    found = hash_padded(np.frombuffer(rows, np.uint8).reshape(-1, ID_BYTES))
    for nth, text in enumerate(contents):
        if len(text) >= ID_BYTES:
            found[nth] = zlib.crc32(text)
    return found


def buckets_of(hashes: Hashes, buckets: int) -> Integers:
    """The bucket of each."""
    return (hashes % np.uint64(buckets)).astype(np.int64)
