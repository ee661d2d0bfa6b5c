"""The selected calls in slices of time: rows that are made of one slice after the other need no more memory for more calls."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from voicetel.analyzers.core.select_calls import filter_calls

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicetel.analyzers.core.selection import Selection
    from voicetel.store import Store

TURNS_AT_ONCE = 500_000
"""While rows are made, what they are looked up in is in memory: some hundred bytes for every turn."""


@dataclass(frozen=True, slots=True)
class TimeSlices:
    """The selection in slices of time, oldest first: there is one at least.

    ``is_bounded``: there are several, and none has more than twice the turns that were asked for, so that DuckDB can do with little memory. Calls
    that begin at one moment are in one slice, however many they are.
    """

    selections: Sequence[Selection]
    is_bounded: bool


def time_slices_of(store: Store, selection: Selection, turns_at_once: int | None = None) -> TimeSlices:
    """The selection in slices of time, each with about ``turns_at_once`` turns, TURNS_AT_ONCE unless it is said."""
    turns_at_once = TURNS_AT_ONCE if turns_at_once is None else turns_at_once
    filter_calls(store, selection)
    rows = store.connection.execute(
        "SELECT min(started_at), max(reached) - min(reached - turns) FROM"
        " (SELECT *, (reached - 1) // $at_once AS slice FROM"
        " (SELECT *, sum(turns) OVER (ORDER BY started_at) AS reached FROM"
        " (SELECT started_at, sum(1 + turns) AS turns FROM filtered_calls GROUP BY started_at)))"
        " GROUP BY slice ORDER BY slice",
        {"at_once": turns_at_once},
    ).fetchall()
    inner = [moment for (moment, _) in rows[1:]]
    selections = [
        replace(selection, since=since, until=until)
        for since, until in zip([selection.since, *inner], [*inner, selection.until], strict=True)
    ]
    return TimeSlices(selections, len(rows) > 1 and max(turns for (_, turns) in rows) <= 2 * turns_at_once)
