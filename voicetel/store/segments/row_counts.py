"""Which rows of segments do not count, and how many of the others there are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voicetel.store.segments.arrays import Integers


@dataclass(frozen=True, slots=True)
class RowCounts:
    """How many calls there are, and lines that do not count: rejected ones, and those of a kind that is not supported."""

    calls: int = 0
    rejected: int = 0
    unsupported: int = 0


@dataclass(slots=True)
class DeadRows:
    """Rows of segments that do not count: per (relation, segment) their numbers, sorted.

    ``deleted``: their log stream is gone, or they were written anew. ``superseded``: another event with their key counts; when that
    goes they may count again.
    """

    deleted: dict[tuple[str, int], Integers] = field(default_factory=dict)
    superseded: dict[tuple[str, int], Integers] = field(default_factory=dict)

    def of(self, relation: str, segment: int) -> Integers:
        """All rows of a file that do not count."""
        import numpy as np  # noqa: PLC0415  a run without anything new does without

        some = [rows[relation, segment] for rows in (self.deleted, self.superseded) if (relation, segment) in rows]
        return np.unique(np.concatenate(some)) if some else np.zeros(0, np.int64)
