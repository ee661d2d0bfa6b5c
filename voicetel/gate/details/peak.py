"""The most calls at the same time, of a sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from decimal import Decimal


def peak(calls: pa.Table) -> tuple[int | None, int]:
    """(the most of them at once, how many have a known length above 0: only these count). None where none has one.

    ``calls`` has ``started_at`` and ``duration_s``. A call that begins when another ends is not at the same time.
    """
    timed = calls.select(["started_at", "duration_s"]).filter(pc.greater(calls.column("duration_s"), 0))
    if not timed.num_rows:
        return None, 0
    begins = timed.column("started_at").cast(pa.int64()).to_numpy()
    lengths = [_us(each) for each in timed.column("duration_s").to_pylist()]
    changed_at = np.concatenate([begins, begins + np.array(lengths, dtype=np.int64)])
    change = np.concatenate([np.ones(len(begins), dtype=np.int64), np.full(len(begins), -1, dtype=np.int64)])
    running = np.cumsum(change[np.lexsort((change, changed_at))])
    return int(running.max()), len(begins)


def _us(seconds: Decimal) -> int:
    return round(seconds * 1_000_000)
