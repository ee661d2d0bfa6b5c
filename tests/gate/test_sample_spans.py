"""A sample that is taken some calls at a time is the one that is taken at once, and is read of files that nothing is left of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from support.logs import store_of, turn_event
from voicetel.analyzers.core.bounded_memory.time_slices import time_slices_of
from voicetel.analyzers.core.selection import ALL_CALLS, Selection
from voicetel.gate.metric import Measure
from voicetel.gate.metrics import METRICS, find_measure
from voicetel.gate.samples.take import sample
from voicetel.gate.trend.trend import trend
from voicetel.outcomes import load_rules
from voicetel.pricing import load_card
from voicetel.simulator import simulate
from voicetel.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicetel.gate.samples.sample import Sample
    from voicetel.store import Store

DIMENSIONS = ("agent_name", "weekday", "tag.room")
MEASURES = [
    *(Measure(metric, metric.statistics[0]) for metric in METRICS.values()),
    find_measure("dropoff_rate.greeting", None),
    find_measure("tool_duration_ms.find_booking", "avg"),
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Simulated calls of several days."""
    folder = tmp_path_factory.mktemp("spans") / "logs"
    simulate(folder, calls=120, seed=5, workers=1, days=3)
    with open_store([str(folder)], load_rules(), cache=False) as opened:
        yield opened


def rows_of(of: Sample) -> dict[str, list[object]]:
    """The columns of the calls of a sample."""
    return {name: of.calls.column(name).to_pylist() for name in of.calls.column_names}


def values_of(of: Sample, name: str) -> list[tuple[int, int]]:
    """A latency's values with the calls they are of, in an order of their own."""
    values = of.turns[name]
    return sorted(zip(values.calls.tolist(), values.values.tolist(), strict=True))


def test_calls_at_a_time_make_the_same_sample(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every column of every call, every latency, numbers and groups included; and so the same trend by groups."""
    card = load_card("list")
    whole = sample(store, card, dimensions=DIMENSIONS, measures=MEASURES)
    monkeypatch.setattr("voicetel.analyzers.core.bounded_memory.time_slices.TURNS_AT_ONCE", 300)
    found = sample(store, card, dimensions=DIMENSIONS, measures=MEASURES)
    assert len(whole) == len(found) == 120
    assert rows_of(found) == rows_of(whole)
    assert list(found.turns) == list(whole.turns)
    assert all(values_of(found, name) == values_of(whole, name) for name in whole.turns)
    assert (found.lines, found.refused_lines, found.unlogged) == (whole.lines, whole.refused_lines, whole.unlogged)
    by_weekday = Selection(by=("weekday", "agent_name"))
    assert trend(found, by_weekday) == trend(whole, by_weekday)


def test_limits_of_memory_are_those_of_before(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a sample that was taken some calls at a time the engine may hold as much as before."""
    asked = "SELECT current_setting('memory_limit')"
    before = store.connection.execute(asked).fetchall()
    monkeypatch.setattr("voicetel.analyzers.core.bounded_memory.time_slices.TURNS_AT_ONCE", 300)
    sample(store, load_card("list"))
    assert store.connection.execute(asked).fetchall() == before


def test_calls_of_one_moment_are_in_one_span(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten calls of two turns at nine and three later, four turns at once: no span is empty, and the first is too large for little memory."""
    monkeypatch.setattr("voicetel.analyzers.core.bounded_memory.time_slices.TURNS_AT_ONCE", 6)
    at_nine = [turn_event(turn, f"c{number}", ts="2026-11-02T09:00:00Z") for number in range(10) for turn in (1, 2)]
    later = [turn_event(1, f"d{number}", ts=f"2026-11-02T1{number}:00:00Z") for number in range(3)]
    with store_of(tmp_path, [*at_nine, *later]) as opened:
        spans = time_slices_of(opened, ALL_CALLS)
        assert (spans.selections[0].since, spans.selections[-1].until) == (None, None)
        assert [len(sample(opened, load_card("list"), span)) for span in spans.selections] == [10, 3]
        assert not spans.is_bounded
        monkeypatch.setattr("voicetel.analyzers.core.bounded_memory.time_slices.TURNS_AT_ONCE", 15)
        assert time_slices_of(opened, ALL_CALLS).is_bounded
        assert len(sample(opened, load_card("list"))) == 13


def test_a_log_that_is_cut_after_it_was_read_is_warned_of(tmp_path: Path) -> None:
    """Tags are read when they are asked for: of a line that is gone they are missing, and that is not kept quiet."""
    started = [
        {"v": 1, "event": "call_started", "ts": "2026-11-02T09:00:00Z", "call_id": f"c{number}", "tags": {"room": "a"}}
        for number in range(3)
    ]
    with store_of(tmp_path, started) as opened:
        assert sample(opened, load_card("list"), dimensions=("tag.room",)).calls.column("tag.room").null_count == 0
        assert opened.warnings == []
        (log,) = tmp_path.glob("*.jsonl")
        log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:2]))
        for _ in range(2):
            assert sample(opened, load_card("list"), dimensions=("tag.room",)).calls.column("tag.room").null_count == 1
        assert opened.warnings == [
            "a log changed while it was read: tags, sources or words of some calls are missing; run it again"
        ]


def test_parts_are_read_of_the_same_files(store: Store) -> None:
    """A part of a part has the calls and the latencies of its calls alone; an empty one has none."""
    found = sample(store, load_card("list"), dimensions=("agent_name",))
    names = found.calls.column("agent_name").to_pylist()
    wanted = np.array([name == names[0] for name in names])
    part = found.only(wanted)
    assert part.calls.column("call_id").to_pylist() == [
        call_id
        for call_id, name in zip(found.calls.column("call_id").to_pylist(), names, strict=True)
        if name == names[0]
    ]
    half = part.only(np.arange(len(part)) % 2 == 1)
    numbers = np.flatnonzero(wanted)[1::2]
    of_turns = {int(number): nth for nth, number in enumerate(numbers)}
    expected = sorted(
        (of_turns[number], value) for number, value in values_of(found, "eou_latency_ms") if number in of_turns
    )
    assert values_of(half, "eou_latency_ms") == expected
    assert len(half.only(np.zeros(len(half), dtype=np.bool_))) == 0


def test_nothing_is_left_of_a_sample(store: Store) -> None:
    """Its files have no names, in the store's directory or elsewhere."""
    before = {str(path) for path in Path(store.directory).rglob("*")}
    found = sample(store, load_card("list"))
    assert {str(path) for path in Path(store.directory).rglob("*") if "spill" not in path.name} <= before
    assert found.total("calls") == 120


def test_a_name_that_no_column_has_is_an_error(store: Store) -> None:
    """Not a column of something else."""
    with pytest.raises(KeyError):
        sample(store, load_card("list")).calls.column("nothing")
