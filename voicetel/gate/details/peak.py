"""The most calls at the same time, of a sample."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from voicetel.gate.samples.stored_columns import Columns


def peak(calls: Columns) -> tuple[int | None, int]:
    """(the most of them at once, how many have a known length above 0: only these count). None where none has one.

    ``calls`` has ``started_at`` and ``duration_s``. A call that begins when another ends is not at the same time.
    """
    lengths = calls.column("duration_s")
    is_timed = pc.greater(lengths, 0)
    begins = calls.column("started_at").filter(is_timed).cast(pa.int64()).to_numpy()
    if not len(begins):
        return None, 0
    ends = begins + _us(lengths.filter(is_timed))
    changed_at = np.concatenate([begins, ends])
    change = np.concatenate([np.ones(len(begins), dtype=np.int64), np.full(len(begins), -1, dtype=np.int64)])
    running = np.cumsum(change[np.lexsort((change, changed_at))])
    return int(running.max()), len(begins)


def _us(seconds: pa.ChunkedArray) -> NDArray[np.int64]:
    """Decimals of seconds as whole µs."""
    microseconds: NDArray[np.int64] = pc.multiply(seconds, pa.scalar(Decimal(1_000_000))).cast(pa.int64()).to_numpy()
    return microseconds
