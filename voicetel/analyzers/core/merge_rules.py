"""How the rows of one query over several partitions of the calls are merged into its rows over all of them.

Every figure of a report is made of such rows. On one machine there is one partition; where the calls are spread over many
machines, each runs the query over its own, and only these rows travel.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeByKeys:
    """Rows with equal ``keys`` become one, as by GROUP BY; no key is NULL in one partition and a value in another.

    Its other columns are summed, NULL being nothing, but for those named in ``min_of``, ``max_of`` and ``bit_or``, which are
    merged by that aggregate, and in ``union_of``: lists of which every element is kept once. ``order_by`` is SQL for the order in
    which the merged rows are read.
    """

    keys: tuple[str, ...] = ("group_id",)
    min_of: tuple[str, ...] = ()
    max_of: tuple[str, ...] = ()
    bit_or: tuple[str, ...] = ()
    union_of: tuple[str, ...] = ()
    order_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopN:
    """Rows that stay as they are, of which the first ``limit`` in ``order_by`` count."""

    order_by: str
    limit: int


MergeRule = MergeByKeys | TopN
"""How rows of several partitions are merged."""
