"""Which turn is the first, the next and the last: by number, and by time where numbers do not tell the turns of a call apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import voicetel
from support.logs import Event, store_of
from voicetel.analyzers.conversation.conversation import conversation
from voicetel.analyzers.core.selection import Selection
from voicetel.analyzers.dropoff import dropoff
from voicetel.analyzers.models import models
from voicetel.analyzers.outcomes.explanation import explanation
from voicetel.analyzers.overview.analyze import analyze
from voicetel.analyzers.request import Request
from voicetel.outcomes import load_rules
from voicetel.pricing import parse_card
from voicetel.registry import find_report
from voicetel.results import encode

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

CARD = parse_card('currency = "USD"\n[llm.groq]\nusd_per_1m_input_tokens = 1\n', source="card")

RESTARTED = (1, 2, 3, 1, 2, 3)
STATES = ("greet", "ask", "confirm", "greet", "ask", "bye")
SECONDS = (0, 5, 10, 20, 25, 30)
"""When each of the six turns of CALL begins."""


def call_of(numbers: Sequence[int | None], seconds: Sequence[int] = SECONDS) -> list[Event]:
    """A call of six turns: the caller speaks for the first second of each, the agent from 1.5 s to 3 s, in the first to 6 s.

    So the second turn's caller, who begins at 5 s, speaks into the first turn's agent.
    """
    turns: list[Event] = []
    for place, (number, second) in enumerate(zip(numbers, seconds, strict=True)):
        known: dict[str, Any] = {} if number is None else {"turn": number}
        tokens = {"stage": "llm", "provider": "groq", "model": "m", "input_tokens": 1000 + 100 * place}
        turns.append(
            {"event": "turn", "ts": f"2026-11-02T09:00:{second:02d}Z", "writer": f"run-{place // 3}", "seq": place % 3}
            | {"state_id": STATES[place], "eou_latency_ms": 500 + 10 * place, "operations": [tokens]}
            | {"user": {"text": "well", "start_ms": 0, "end_ms": 1000}}
            | {"agent": {"text": "yes", "start_ms": 1500, "end_ms": 3000 if place else 6000}}
            | known
        )
    ended = {"event": "call_ended", "ts": "2026-11-02T09:00:40Z", "duration_s": 40, "end_reason": "caller_hangup"}
    return [{"v": 1, "call_id": "c"} | event for event in (*turns, ended)]


@pytest.mark.parametrize(
    "numbers",
    [
        pytest.param(RESTARTED, id="the agent was restarted and began at 1 again"),
        pytest.param((None,) * 6, id="no turn has a number"),
        pytest.param((1, 2, None, 4, 5, 6), id="one has none"),
        pytest.param((70, 71, 72, 70, 71, 72), id="large numbers, twice"),
        pytest.param((1, 2, 3, 4, 5, 6), id="as it should be"),
        pytest.param((0, 10, 62, 63, 64, 2**40), id="rising with gaps"),
    ],
)
def test_turns_of_a_call(tmp_path: Path, numbers: tuple[int | None, ...]) -> None:
    """Every figure that asks for the next, the first or the last turn, or for a position, has them in one order.

    By hand: one interruption (5 s lies within 1.5 s to 6 s), overrun 1 s. The longest silence is from 13 s to 20 s.
    Places 1, 2, 3 respond in 500, 510, 520 ms, places 4 to 6 in 530, 540 and 550: 540 on average. The first prompt has 1,000
    tokens, the last 1,500. The state named last is "bye".
    """
    with store_of(tmp_path, call_of(numbers)) as store:
        request = Request(store, card=CARD)
        taken = encode(find_report("interruptions").ask(request, {}))
        states = encode(dropoff.answer(request))["lines"]
        [line] = encode(models.answer(request))["lines"]
        groups = encode(analyze(store, CARD, selection=Selection(by=("turn",))))["groups"]
        shown = conversation(store, CARD, "c").turns
    assert (taken["caller_over_agent"]["count"], taken["overrun_ms"]["avg"]) == (1, 1000)
    assert (taken["dead_air"]["count"], taken["dead_air"]["longest_s"]) == (1, 7)
    assert {each["state_id"]: each["last_calls"] for each in states} == {"greet": 0, "ask": 0, "confirm": 0, "bye": 1}
    assert line["first_input_tokens_avg"] == 1000
    turns = {each["group"]["turn"]: each for each in groups}
    assert {turn: each["latency"]["eou_latency_ms"]["avg"] for turn, each in turns.items()} == {
        "1": 500, "2": 510, "3": 520, "4-6": 540,
    }  # fmt: skip
    assert [each["interruptions"]["count"] for each in turns.values()] == [1, 0, 0, 0]
    assert [turn.state_id for turn in shown] == list(STATES)
    with voicetel.load(tmp_path, cache=False) as logs:
        frame = logs.turns()
    assert dict(zip(frame["position"], frame["state_id"], strict=True)) == dict(enumerate(STATES, start=1))


def test_clock_that_is_set_back(tmp_path: Path) -> None:
    """Numbers that tell the turns apart go before the clock, which was set back by 20 s between the third turn and the fourth."""
    seconds = (20, 25, 30, 10, 15, 18)
    with store_of(tmp_path, call_of((1, 2, 3, 4, 5, 6), seconds)) as store:
        request = Request(store, card=CARD)
        shown = conversation(store, CARD, "c").turns
        groups = encode(analyze(store, CARD, selection=Selection(by=("turn",))))["groups"]
        states = encode(dropoff.answer(request))["lines"]
    assert [turn.state_id for turn in shown] == list(STATES)
    assert [each["latency"]["eou_latency_ms"]["avg"] for each in groups if each["group"]["turn"]] == [
        500,
        510,
        520,
        540,
    ]
    assert {each["state_id"]: each["last_calls"] for each in states} == {"greet": 0, "ask": 0, "confirm": 0, "bye": 1}


def test_calls_of_both_kinds(tmp_path: Path) -> None:
    """A restarted call beside one whose numbers rise: each in its own order, in every figure of both.

    By hand: both begin with a prompt of 1,000 tokens and end, five turns later, with one of 1,500, in the state "bye".
    """
    plain = [event | {"call_id": "d", "writer": f"plain-{place}"} for place, event in enumerate(call_of(range(1, 7)))]
    with store_of(tmp_path, [*call_of(RESTARTED), *plain]) as store:
        request = Request(store, card=CARD)
        states = encode(dropoff.answer(request))["lines"]
        [line] = encode(models.answer(request))["lines"]
    assert {each["state_id"]: each["last_calls"] for each in states} == {"greet": 0, "ask": 0, "confirm": 0, "bye": 2}
    assert (line["first_input_tokens_avg"], line["input_tokens_per_turn"], line["requests"]) == (1000, 100, 12)


@pytest.mark.parametrize("place", range(6))
def test_last_turns_of_a_restarted_agent(tmp_path: Path, place: int) -> None:
    """What counts at the end of a call alone counts in its last two turns by time, which have the numbers 2 and 3."""
    events = call_of(RESTARTED)
    events[place]["agent"]["text"] = "We look forward to seeing you"
    with store_of(tmp_path, events) as store:
        found = explanation(store, load_rules(), "c")
        ((outcome,),) = store.connection.execute("SELECT outcome FROM calls").fetchall()
    assert outcome == ("success" if place >= 4 else "unknown")
    assert next(step.outcome for step in found.steps if step.decided) == outcome
