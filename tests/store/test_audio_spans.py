"""Spans of the agent's audio as they are stored: in their order, those that overlap as one, whichever way a line is read."""

from __future__ import annotations

import tempfile
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from support.logs import store_of, turn_event
from support.soak import SOAK

if TYPE_CHECKING:
    from collections.abc import Sequence

SLOW_PATH = {"user": {"confidence": "sure"}}
"""A value of another type: the line is read by the exact rules."""


def stored(directory: Path, logged: Sequence[Any], more: dict[str, Any]) -> list[Any]:
    """What the store has of the spans of some turns."""
    events = [turn_event(n, "a", agent={"spans": spans}, **more) for n, spans in enumerate(logged)]
    with store_of(directory, events) as store:
        rows = store.connection.execute("SELECT agent_spans FROM turns ORDER BY turn").fetchall()
    return [spans for (spans,) in rows]


CASES: list[tuple[Any, Any]] = [
    ([[0, 10_000], [5000, 15_000]], [[0, 15_000]]),
    ([[4000, 6000], [0, 3000]], [[0, 3000], [4000, 6000]]),
    ([[0, 9], [1, 2], [8.0004, 12.25]], [[0, Decimal("12.25")]]),
    # Without silence in between, but without anything that is said twice either.
    ([[0, 5], [5, 7]], [[0, 5], [5, 7]]),
    ([[5, 7], [0, 5]], [[0, 5], [5, 7]]),
    ([[3, 3], [1, 1], [1, 2]], [[1, 1], [1, 2], [3, 3]]),
    ([[1, 2], [1, 2], [1, 2]], [[1, 2]]),
    ([[999_999_999, 999_999_999.9996], [5, 6], [1, 2]], [[1, 2], [5, 6]]),
    ([], []),
    ([[1, 2], [2, 1]], None),
    ([[1, 2, 3]], None),
    ([[1]], None),
    (None, None),
]


@pytest.mark.parametrize("more", [{}, SLOW_PATH], ids=["fast", "slow"])
def test_spans_by_hand(tmp_path: Path, more: dict[str, Any]) -> None:
    """Many lines together, with spans and without."""
    assert stored(tmp_path, [logged for logged, _ in CASES], more) == [expected for _, expected in CASES]


lists_of_spans = st.none() | st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)).map(sorted), max_size=6)


@settings(max_examples=500 if SOAK else 30, deadline=None, phases=[Phase.reuse, Phase.generate])
@given(logged=st.lists(lists_of_spans, min_size=1, max_size=25), more=st.sampled_from([{}, SLOW_PATH]))
def test_the_same_is_audible_and_nothing_twice(logged: list[list[list[int]] | None], more: dict[str, Any]) -> None:
    """Each ms of what was logged is in one span, and between two spans there is no audio."""
    with tempfile.TemporaryDirectory() as directory:
        found = stored(Path(directory), logged, more)
    for spans, kept in zip(logged, found, strict=True):
        if not spans:
            assert kept == spans
            continue
        audible = {ms for begin, end in spans for ms in range(begin, end)}
        assert sorted(ms for begin, end in kept for ms in range(int(begin), int(end))) == sorted(audible)
        edges = [edge for span in kept for edge in span]
        assert edges == sorted(edges)
        assert (edges[0], edges[-1]) == (min(begin for begin, _ in spans), max(end for _, end in spans))
