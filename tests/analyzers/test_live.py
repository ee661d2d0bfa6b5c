"""The figures of the last minutes, worked out by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from support.logs import Event, store_of
from voicetel.analyzers.core.selection import ALL_CALLS, Selection
from voicetel.analyzers.live.live import LiveWindow
from voicetel.analyzers.live.recent_rows import newest_turn, read_recent_rows
from voicetel.pricing import parse_card

if TYPE_CHECKING:
    from pathlib import Path

    from voicetel.analyzers.live.results import LiveFigures

CARD = parse_card(
    'currency = "USD"\n[stt.deepgram]\nusd_per_second = 0.01\n[llm.groq]\nusd_per_1m_output_tokens = 2\n', source="card"
)

AT = datetime(2026, 11, 2, 9, 15)  # noqa: DTZ001  UTC without a zone, as analyzers have it


def turn(call_id: str, ts: str, latency_ms: float | None, **more: Any) -> Event:
    """A turn in which the agent spoke."""
    agent = {"start_ms": 1000, "end_ms": 2000, **more.pop("agent", {})}
    return {
        "v": 1,
        "event": "turn",
        "ts": f"2026-11-02T{ts}Z",
        "call_id": call_id,
        "agent": agent,
        **({} if latency_ms is None else {"eou_latency_ms": latency_ms}),
        **more,
    }


def ended(call_id: str, ts: str, duration_s: float | None, outcome: str, **more: Any) -> Event:
    """The end of a call."""
    length = {} if duration_s is None else {"duration_s": duration_s}
    return {
        "v": 1,
        "event": "call_ended",
        "ts": f"2026-11-02T{ts}Z",
        "call_id": call_id,
        "outcome": outcome,
        **length,
        **more,
    }


def stt(seconds: float, provider: str = "deepgram") -> Event:
    """An operation that is billed by the second."""
    return {"stage": "stt", "provider": provider, "ttfb_ms": 200, "audio_s": seconds}


EVENTS = [
    # Begun and ended in the quarter of an hour before 9:15; a minute long.
    {"v": 1, "event": "call_started", "ts": "2026-11-02T09:05:00Z", "call_id": "a", "agent_name": "one"},
    turn("a", "09:05:01", 1000, turn=1, operations=[stt(3), stt(5, "nobody")]),
    turn("a", "09:05:30", 2000, turn=2, agent={"interrupted": True}),
    ended("a", "09:06:00", 60, "success"),
    # Begun before, ended in it, half a minute long; the first turn is just too early, the second just in time.
    turn("b", "09:00:00", 9000, turn=1, operations=[stt(1)]),
    turn("b", "09:00:00.001", 3000, turn=2, agent={"interrupted": True, "interrupted_by": "hangup"}),
    ended("b", "09:00:30", 30, "fail"),
    # Ended before it; a verdict that came later does not end it again.
    turn("c", "08:50:00", 100, turn=1),
    ended("c", "08:51:00", 60, "success"),
    ended("c", "09:10:00", None, "fail"),
    # Goes on; of its first turn the response is not known, the second is after the end of the period.
    turn("d", "09:14:00", None, turn=1),
    turn("d", "09:15:00.001", 8000, turn=2),
    # Has been silent for two minutes: not active.
    turn("e", "09:13:00", None, turn=1),
]


def figures(tmp_path: Path, selection: Selection = ALL_CALLS, at: datetime = AT, slow_ms: float = 1500) -> LiveFigures:
    """The figures of fifteen minutes."""
    with store_of(tmp_path, EVENTS) as store:
        rows = read_recent_rows(store, CARD, selection, at - timedelta(minutes=15))
    window = LiveWindow(rows)
    found = window.figures(at, 15, slow_ms)
    window.close()
    return found


def test_turns_of_the_period(tmp_path: Path) -> None:
    """Those that began after its beginning and not after its end: a1, a2, b2, d1, e1."""
    found = figures(tmp_path)
    assert (found.calls, found.turns, found.eou_latency_ms_n) == (4, 5, 3)
    assert (found.eou_latency_ms_p50, found.eou_latency_ms_p95, found.eou_latency_ms_max) == (2000, 2900, 3000)
    assert (found.slow_turns, [(each.call_id, each.turn) for each in found.slow]) == (2, [("a", 2), ("b", 2)])
    assert (found.stt_ttfb_ms_n, found.stt_ttfb_ms_p95) == (1, 200)
    assert (found.llm_ttft_ms_n, found.llm_ttft_ms_p95) == (0, None)
    assert (found.interruptions, found.agent_turns, found.interruption_rate) == (1, 5, 0.2)
    minutes = [(each.minutes_ago, each.n, each.p50, each.p95) for each in found.by_minute]
    # 9:00:00.001 is 14 whole minutes before 9:15, 9:05:01 and 9:05:30 are 9.
    assert minutes == [(14, 1, 3000, 3000), (9, 2, 1500, 1950)]


def test_interrupted_turns_are_those_of_the_reports(tmp_path: Path) -> None:
    """A call without flags goes by times: its caller begins 1.5 s into a turn in which the agent speaks from 1 s to 2 s."""
    started = {"start_ms": 0, "end_ms": 300}
    events = [turn("a", "09:05:01", 1000, turn=1), turn("a", "09:05:02.500", 1000, turn=2, user=started)]
    for logged, interruptions in ((None, 1), (0, 0), (1, None)):
        count = {} if logged is None else {"interruption_count": logged}
        with store_of(tmp_path / str(logged), [*events, ended("a", "09:05:10", 9, "success", **count)]) as store:
            window = LiveWindow(read_recent_rows(store, CARD, ALL_CALLS, AT - timedelta(minutes=15)))
        found = window.figures(AT, 15, 1500)
        window.close()
        assert (found.agent_turns, found.interruptions) == (2, interruptions)


def test_calls_of_the_period(tmp_path: Path) -> None:
    """A and b ended in it, d goes on."""
    found = figures(tmp_path)
    assert (found.active_calls, found.ended_calls, found.outcomes) == (1, 2, {"fail": 1, "success": 1})
    # a: 3 s at 0.01, and 5 s that have no price; b: 1 s. Together a minute and a half.
    assert found.cost_total == Decimal("0.04")
    assert found.cost_per_minute == Decimal("0.026666666666666667")
    assert found.coverage == 2 / 3
    assert found.currency == "USD"


def test_a_call_that_ends_later_goes_on(tmp_path: Path) -> None:
    """Of a moment in the past it is known how a call ended: at 9:05:45 a had 15 s to go; b and c had ended."""
    found = figures(tmp_path, at=datetime(2026, 11, 2, 9, 5, 45))  # noqa: DTZ001  as of the store: UTC
    assert (found.active_calls, found.ended_calls) == (1, 2)


def test_calls_that_are_asked_for(tmp_path: Path) -> None:
    """One agent's alone."""
    found = figures(tmp_path, Selection(agents=("one",)))
    assert (found.turns, found.ended_calls, found.active_calls, found.cost_total) == (2, 1, 0, Decimal("0.03"))


def test_a_quiet_time_has_no_figures(tmp_path: Path) -> None:
    """And no zeros that nobody measured."""
    found = figures(tmp_path, at=AT + timedelta(days=1))
    assert (found.turns, found.eou_latency_ms_n, found.active_calls, found.ended_calls) == (0, 0, 0, 0)
    unknown = (
        found.eou_latency_ms_p50,
        found.interruption_rate,
        found.cost_total,
        found.cost_per_minute,
        found.coverage,
    )
    assert unknown == (None,) * 5
    assert (found.outcomes, found.by_minute, found.slow) == ({}, (), ())


def test_the_newest_turn_ends_a_replay(tmp_path: Path) -> None:
    """Not a verdict that came later."""
    with store_of(tmp_path, [*EVENTS, ended("a", "12:00:00", None, "fail")]) as store:
        assert newest_turn(store) == AT + timedelta(milliseconds=1)
