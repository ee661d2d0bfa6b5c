"""Two lines of one key: one counts, the same one whichever was read first, and the other comes back when it goes."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from support.store_runs import cold, line, rows, run, write

if TYPE_CHECKING:
    from pathlib import Path

STT = [{"stage": "stt", "provider": "deepgram", "audio_s": 1}]


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def versions() -> list[bytes]:
    """Three lines with one key that say different things."""
    return [line("turn", turn=number, writer="w", seq=1, operations=STT * number) for number in (1, 2, 3)]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_same_line_wins_in_any_order(tmp_path: Path, order: tuple[int, ...]) -> None:
    """Read one file after the other, every order ends with what a first run says, usage included."""
    logs = tmp_path / "logs"
    logs.mkdir()
    for number in order:
        write(logs / f"{number}.jsonl", [versions()[number]])
        run(logs)
    said = run(logs)
    assert said == cold(logs)
    ((turn,),) = rows("SELECT turn FROM turns", logs, cache=True)
    assert rows("SELECT CAST(sum(audio_s) AS INTEGER) FROM usage", logs, cache=True) == [(turn,)]


def test_when_the_winner_goes_another_counts(tmp_path: Path) -> None:
    """Files are deleted in the order in which they win; each time the next one's line counts."""
    logs = tmp_path / "logs"
    logs.mkdir()
    files = {number + 1: write(logs / f"{number}.jsonl", [each]) for number, each in enumerate(versions())}
    seen = set()
    while files:
        assert run(logs) == cold(logs)
        ((turn,),) = rows("SELECT turn FROM turns", logs, cache=True)
        seen.add(turn)
        files.pop(turn).unlink()
    assert seen == {1, 2, 3}
    assert rows("SELECT count(*) FROM turns", logs, cache=True) == [(0,)]


def test_numbers_that_are_no_running_numbers_are_no_keys(tmp_path: Path) -> None:
    """A seq of 1.5 is not the seq 2, and a text is none; such lines count by what they say."""
    lines = [line("turn", turn=number, writer="w", seq=seq) for number, seq in enumerate((2, 1.5, "2", -2, None, 2.0))]
    assert rows("SELECT count(*) FROM turns", write(tmp_path / "a.jsonl", lines)) == [(6,)]


@pytest.mark.parametrize("event", ["turn", "usage", "call_ended", "mark", "call_started"])
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_one_key_the_later_time_counts(tmp_path: Path, event: str, order: tuple[int, int]) -> None:
    """Whichever was read first, and whatever the event; its usage too."""
    logs = tmp_path / "logs"
    logs.mkdir()
    each = [line(event, second=5 - number, writer="w", seq=1, operations=STT * (number + 1)) for number in (0, 1)]
    for number in order:
        write(logs / f"{number}.jsonl", [each[number]])
        run(logs)
    assert rows("SELECT epoch(ts)::BIGINT % 60, event FROM events", logs, cache=True) == [(5, event)]
    assert rows("SELECT CAST(sum(audio_s) AS INTEGER) FROM usage", logs, cache=True) == [(1,)]
    assert run(logs) == cold(logs)


DIFFERENT: tuple[dict[str, Any], ...] = (
    {"turn": 2},
    {"state_id": "x"},
    {"user": {"text": "another", "start_ms": 0}},
    {"user": {"start_ms": 0, "end_ms": 900}},
    {"agent": {"start_ms": 1000, "interrupted": True}},
    {"operations": []},
    {"operations": STT * 2},
    {"operations": [{"stage": "llm", "cost": "0.5", "currency": "USD"}]},
    {"eou_latency_ms": 70_000},
    {"eou_latency_ms": "1"},
    {"tags": {"x": "y"}},
    {"unknown": [1, {"a": None}]},
)


@pytest.mark.parametrize("other", DIFFERENT, ids=str)
def test_one_line_of_a_key_counts_whole(tmp_path: Path, other: dict[str, Any]) -> None:
    """Of one moment and key, in either order: one row, with all of one line's values and none of the other's."""
    logs = tmp_path / "logs"
    logs.mkdir()
    first: dict[str, Any] = {"turn": 1, "operations": STT}
    lines = [line("turn", writer="w", seq=1, **fields) for fields in (first, first | other)]
    found = set()
    for order in (lines, lines[::-1]):
        write(logs / "a.jsonl", order)
        found.add(repr(cold(logs / "a.jsonl").checksums))
        assert rows("SELECT count(*) FROM turns", logs) == [(1,)]
        assert rows("SELECT count(DISTINCT call_id) FROM calls", logs) == [(1,)]
    amounts = rows("SELECT CAST(sum(audio_s) AS INTEGER), sum(charged) FROM usage", logs)
    alone = [
        rows("SELECT CAST(sum(audio_s) AS INTEGER), sum(charged) FROM usage", write(logs / "a.jsonl", [each]))
        for each in lines
    ]
    assert amounts in alone
    assert len(found) == 1


def test_a_key_belongs_to_its_call(tmp_path: Path) -> None:
    """Writer and number may come again in another call."""
    lines = [line("turn", call=call, writer="w", seq=1) for call in ("a", "b", "a")]
    assert rows("SELECT count(*) FROM turns", write(tmp_path / "a.jsonl", lines)) == [(2,)]


def test_what_providers_charge_is_bounded(tmp_path: Path) -> None:
    """An amount that cannot be one is unknown, and costs nothing but itself, however many there are."""
    costs = [
        "0.5",
        "99999.999999999999999999",
        "100000",
        "99999999999999999999",
        "1e30",
        "-1",
        "NaN",
        "x",
        "1e-19",
        "0.5",
    ]
    lines = [
        line("usage", call=f"c{n}", second=n, operations=[{"stage": "llm", "cost": cost, "currency": "usd"}])
        for n, cost in enumerate(costs)
    ]
    for some in (lines, [*lines, *lines]):
        log = write(tmp_path / "a.jsonl", some)
        assert rows("SELECT sum(charged), count(charged), any_value(currency) FROM usage", log) == [
            (Decimal("100000.999999999999999999"), 4, "USD")
        ]


def test_lines_that_duckdb_cannot_tell_apart_count_each(tmp_path: Path) -> None:
    """Two turns of one build, whose numbers stand where DuckDB's hash has little weight; and each of them twice is still one."""
    pattern = (
        b'{"v": 1, "event": "turn", "ts": "2026-11-02T09:%d:32.000Z", "call_id": "long", "turn": %d, "user": {"text": "question %d",'
        b' "start_ms": 0, "end_ms": 1000}, "agent": {"text": "answer %d", "start_ms": 1700, "end_ms": 2700}, "operations": [{"stage":'
        b' "stt", "provider": "deepgram", "model": "nova-3", "start_ms": 1000, "audio_s": 1.1}, {"stage": "llm", "provider": "groq",'
        b' "model": "llama", "start_ms": 1100, "input_tokens": %d}], "eou_latency_ms": 700}'
    )
    lines = [pattern % (minute, *[number] * 4) for minute, number in ((14, 109), (54, 409))]
    with duckdb.connect() as connection:
        hashes = connection.execute("SELECT hash($1), hash($2)", lines).fetchone()
    assert hashes is not None
    assert hashes[0] == hashes[1]
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "1.jsonl").write_bytes(b"\n".join([*lines, *lines, b""]))
    (logs / "2.jsonl").write_bytes(b"\n".join([*reversed(lines), b""]))
    assert rows("SELECT turn FROM turns ORDER BY turn", logs, cache=False) == [(109,), (409,)]


def test_calls_whose_keys_duckdb_cannot_tell_apart_are_two(tmp_path: Path) -> None:
    """Ids of 24 digits, writer and seq: DuckDB's hash of the three is the same, and no row of one is joined to the other."""
    ids = ("000000000000000000071271", "000000000000000700071276")
    with duckdb.connect() as connection:
        hashes = connection.execute("SELECT DISTINCT hash(unnest($ids), 'w-abc', 1.0)", {"ids": ids}).fetchall()
    assert len(hashes) == 1
    llm = [{"stage": "llm", "provider": "groq", "input_tokens": 5, "cost": "0.50", "currency": "USD"}]
    lines = [line("turn", call=each, second=1, turn=1, writer="w-abc", seq=1, operations=llm) for each in ids]
    log = write(tmp_path / "a.jsonl", lines)
    assert rows("SELECT count(*) FROM turns", log) == [(2,)]
    assert rows("SELECT count(*), sum(input_tokens), count(DISTINCT call_id) FROM operations", log) == [(2, 10, 2)]
    assert rows("SELECT count(*), count(DISTINCT line_key) FROM events", log) == [(2, 2)]


def test_a_store_of_another_call_has_other_checksums(tmp_path: Path) -> None:
    """DuckDB's own hash of a row is the same for these two ids."""
    ids = ("000000000000000000071271", "000000000000000700071276")
    (of_one, of_other) = (
        cold(write(tmp_path / f"{number}.jsonl", [line("turn", call=call_id)])).checksums
        for number, call_id in enumerate(ids)
    )
    for relation in ("calls", "turns"):
        assert of_one[relation][0] == of_other[relation][0] == 1
        assert of_one[relation] != of_other[relation]
