"""Words a minute of the agent: by hand, and counted again in plain Python."""

from __future__ import annotations

import tempfile
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from support.logs import Event, store_of, turn_event, write_log
from support.soak import SOAK
from voicetel.analyzers.core.selection import Selection
from voicetel.analyzers.request import Request
from voicetel.analyzers.speaking_rate import speaking_rate
from voicetel.errors import UsageError
from voicetel.gate.metrics import find_measure, find_metric
from voicetel.gate.samples.observe import observe
from voicetel.gate.samples.take import sample
from voicetel.outcomes import load_rules
from voicetel.pricing import load_card
from voicetel.store import open_store

if TYPE_CHECKING:
    from voicetel.analyzers.speaking_rate.speaking_rate import SpeakingRate
    from voicetel.store import Store


def turn(number: int, call_id: str, **agent: Any) -> Event:
    """A turn of the agent's."""
    return turn_event(number, call_id, state_id=f"s{number % 2}", agent=agent)


def started(call_id: str, language: str) -> Event:
    """The first event of a call."""
    return {"v": 1, "event": "call_started", "ts": "2026-11-02T09:00:00Z", "call_id": call_id, "language": language}


BY_HAND = [
    started("a", "en"),
    # Four words in 2 s, of which the pause between two spans of 1 s is none.
    turn(1, "a", text="Good  morning,\nCity Clinic.", start_ms=0, end_ms=5000, spans=[[0, 1000], [4000, 5000]]),
    # Six words in 4 s.
    turn(2, "a", text="Which day would suit you best?", start_ms=500, end_ms=4500, interrupted=True),
    # Of these something is not known: the time, the text, the whole of the text.
    turn(3, "a", text="I have three o'clock."),
    turn(4, "a", start_ms=0, end_ms=1000),
    turn(5, "a", text="I have", text_cut=True, start_ms=0, end_ms=9000),
    turn(6, "a", text="My number is [number]", redacted=True, start_ms=0, end_ms=9000),
    turn(7, "a", text="", start_ms=0, end_ms=9000),
    started("b", "ru"),
    # Two words in 1.5 s.
    turn(1, "b", text="Добрый день!", start_ms=0, end_ms=1500),
    started("c", "de"),
    turn(1, "c", start_ms=0, end_ms=1500),
]


def rates(store: Store, *by: str) -> dict[tuple[str | None, ...], SpeakingRate]:
    """Group → how fast the agent spoke."""
    found = speaking_rate.answer(Request(store, Selection(by=by)))
    return {tuple(line.key.values()): line.figures for line in found.lines}


def gated(store: Store, **where: str) -> tuple[Any, int]:
    """The same by the gate's sums: words a minute, and the calls that count."""
    measure = find_measure("speaking_rate", None)
    found = sample(store, load_card(None), dimensions=tuple(where), measures=[measure])
    part = found.where({name: (value,) for name, value in where.items()}) if where else found
    seen = observe(part, measure)
    return seen.value, seen.calls


def test_by_hand(tmp_path: Path) -> None:
    """Twelve words in 7.5 s are 96 a minute; ten in 6 s are 100, two in 1.5 s 80."""
    with store_of(tmp_path, BY_HAND) as store:
        (whole,) = rates(store).values()
        assert whole == speaking_rate.SpeakingRate(9, 3, 12, Decimal("7.5"), 96.0)
        assert rates(store, "language") == {
            ("de",): speaking_rate.SpeakingRate(1, 0, None, None, None),
            ("en",): speaking_rate.SpeakingRate(7, 2, 10, Decimal(6), 100.0),
            ("ru",): speaking_rate.SpeakingRate(1, 1, 2, Decimal("1.5"), 80.0),
        }
        by_state = {state: (each.words, each.played_s) for (state,), each in rates(store, "state_id").items()}
        assert by_state == {"s0": (6, Decimal(4)), "s1": (6, Decimal("3.5"))}
        assert gated(store) == (pytest.approx(96), 2)
        assert gated(store, language="en") == (pytest.approx(100), 1)
        assert gated(store, language="de") == (None, 0)
        columns = store.connection.execute("DESCRIBE words_of_lines").fetchall()
        assert [name for name, *_ in columns] == ["line_hash", "words"]


def test_audio_that_spans_tell_twice_counts_once(tmp_path: Path) -> None:
    """Three words in 0 to 10 s and 5 to 15 s are 12 a minute, not 9: 15 s were played, not 20."""
    with store_of(tmp_path, [turn(1, "a", text="One moment please", spans=[[5000, 15_000], [0, 10_000]])]) as store:
        (found,) = rates(store).values()
    assert (found.words, found.played_s, found.words_per_minute) == (3, Decimal(15), 12.0)


agents = st.fixed_dictionaries(
    {},
    optional={
        "text": st.text(alphabet="ab é\n\t\u00a0\u3000я", max_size=12),
        "start_ms": st.integers(0, 3000),
        "end_ms": st.integers(0, 6000),
        "spans": st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 4000)).map(sorted), max_size=3),
        "text_cut": st.booleans(),
    },
)


def words_and_ms(agent: dict[str, Any]) -> tuple[int, int]:
    """What a turn adds, in plain Python; (0, 0) where something is not known."""
    spans = agent.get("spans") or []
    if not spans and {"start_ms", "end_ms"} <= agent.keys():
        spans = [[agent["start_ms"], agent["end_ms"]]]
    # A ms counts once, also where several spans have it; an end before the beginning has none.
    played_ms = len({ms for begin, end in spans for ms in range(begin, end)})
    if played_ms <= 0 or not agent.get("text") or agent.get("text_cut"):
        return 0, 0
    return len(agent["text"].split()), played_ms


@settings(
    max_examples=300 if SOAK else 15,
    deadline=None,
    phases=[Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.lists(st.tuples(st.sampled_from("abc"), agents), min_size=1, max_size=12))
def test_counted_again(drawn: list[tuple[str, dict[str, Any]]]) -> None:
    """Whatever is there and whatever is missing: call by call, in all, and by the gate."""
    log = [started(call_id, call_id) for call_id in sorted({call_id for call_id, _ in drawn})]
    log += [turn(n, call_id, **agent) for n, (call_id, agent) in enumerate(drawn, 1)]
    with tempfile.TemporaryDirectory() as folder:
        write_log(Path(folder) / "a.jsonl", log)
        with open_store([folder], load_rules(), cache=False) as store:
            found = {key: (each.words or 0, each.words_per_minute) for key, each in rates(store, "language").items()}
            (whole,) = rates(store).values()
            value, _ = gated(store)
    for call_id in {call_id for call_id, _ in drawn}:
        assert found[call_id,] == expected([agent for each, agent in drawn if each == call_id])
    in_all = expected([agent for _, agent in drawn])
    assert (whole.words or 0, whole.words_per_minute) == in_all
    assert value == (None if in_all[1] is None else pytest.approx(in_all[1], abs=1e-5))


def expected(agents: list[dict[str, Any]]) -> tuple[int, Any]:
    """Words, and words a minute."""
    words, played_ms = (sum(each) for each in zip(*map(words_and_ms, agents), strict=True))
    return words, pytest.approx(float(Fraction(words * 60_000, played_ms)), abs=1e-5) if played_ms else None


def test_texts_that_duckdb_cannot_tell_apart_are_counted_each(tmp_path: Path) -> None:
    """One word and two in a minute each, in two lines to which DuckDB's own hash gives the same value."""
    line = (
        '{"v":1,"event":"turn","ts":"2026-11-02T09:00:03.120Z","call_id":"c1","turn":1,"user":{"start_ms":0,"end_ms":1000},'
        '"agent":{"start_ms":2000,"end_ms":62000,"text":"%s"}}'
    )
    lines = [line % text for text in ("qqqqqqbcdefgahijklmnvopqrstuxvwx", "qqqqqqbcdefgwhijklmntopqrstu vwx")]
    with duckdb.connect() as connection:
        assert connection.execute("SELECT hash($1) = hash($2)", lines).fetchall() == [(True,)]
    (tmp_path / "a.jsonl").write_text("\n".join([*lines, ""]))
    with open_store([str(tmp_path)], load_rules(), cache=False) as store:
        (found,) = rates(store).values()
    assert (found.turns, found.words, found.words_per_minute) == (2, 3, 1.5)


def test_it_is_of_no_tool_or_state() -> None:
    """Other metrics of details have a name behind a point."""
    with pytest.raises(UsageError, match=r"unknown metric 'speaking_rate\.book'"):
        find_metric("speaking_rate.book")
