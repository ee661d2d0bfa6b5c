"""The selected calls in spans of time: what is worked out of some of them after the others needs no more memory for more calls."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from voicetel.analyzers.core.select_calls import filter_calls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicetel.analyzers.core.selection import Selection
    from voicetel.store import Store

TURNS_AT_ONCE = 500_000
"""What is looked up while rows are made is in memory: some hundred bytes for every turn."""


def spans_of(store: Store, selection: Selection) -> Iterator[Selection]:
    """The selection in spans of time, oldest first, each with about so many turns: there is one at least."""
    filter_calls(store, selection)
    begins = store.connection.execute(
        "SELECT min(started_at) FROM"
        " (SELECT started_at, (sum(1 + turns) OVER (ORDER BY started_at, call_id) - 1) // $at_once AS part FROM filtered_calls)"
        " GROUP BY part ORDER BY part",
        {"at_once": TURNS_AT_ONCE},
    ).fetchall()
    inner = [moment for (moment,) in begins[1:]]
    for since, until in zip([selection.since, *inner], [*inner, selection.until], strict=True):
        yield replace(selection, since=since, until=until)
