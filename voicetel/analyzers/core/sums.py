"""How the rows of one query over several parts of the calls become its rows over all of them.

Every figure of a report is made of such rows. On one machine there is one part; where the calls are spread over many machines,
each runs the query over its own, and only these rows travel.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Rows whose ``keys`` are equal become one; no key is NULL in one part and something else in another.

    Its other columns are added up, NULL being nothing, but for ``smallest`` and ``largest``, of which the least and the greatest
    is taken, ``bits``, of which any is set that was set, and ``lists``, of which every element is kept once.
    ``order`` is SQL for the order in which they are read.
    """

    keys: tuple[str, ...] = ("group_id",)
    smallest: tuple[str, ...] = ()
    largest: tuple[str, ...] = ()
    bits: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    order: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class First:
    """Rows that stay as they are, of which the first ``limit`` in ``order`` count."""

    order: str
    limit: int
