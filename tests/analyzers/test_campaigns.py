"""Campaigns: the steps of seven calls by hand, and of simulated ones against a plain count."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from support.logs import Event, store_of
from voicetel.analyzers.calls.calls import calls
from voicetel.analyzers.campaigns.campaigns import answer
from voicetel.analyzers.core.selection import Selection
from voicetel.analyzers.request import Request
from voicetel.outcomes import load_rules
from voicetel.pricing import load_card, parse_card
from voicetel.results import encode
from voicetel.simulator import simulate
from voicetel.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

CARD = parse_card('currency = "USD"\n[transport.livekit]\nusd_per_second = 0.01\n', source="card")


def call(number: int, turns: int, *, campaign: str | None = "recall", **ended: Any) -> list[Event]:
    """A call of 30 seconds, one a minute, in which the other side spoke so often."""
    head: dict[str, Any] = {"v": 1, "call_id": f"c{number}"}
    at = f"2026-11-02T09:{number:02d}"
    transport = {"stage": "transport", "provider": "livekit", "session_s": 30}
    return [
        {**head, "event": "call_started", "ts": f"{at}:00Z", "direction": "outbound"}
        | ({"campaign": campaign} if campaign else {}),
        *(
            {
                **head,
                "event": "turn",
                "ts": f"{at}:{5 * turn:02d}Z",
                "turn": turn,
                "user": {"text": "yes"},
                "agent": {"text": "ok"},
            }
            for turn in range(1, turns + 1)
        ),
        {**head, "event": "call_ended", "ts": f"{at}:30Z", "duration_s": 30, "operations": [transport], **ended},
    ]


EVENTS = [
    *call(1, 3, outcome="success"),
    *call(2, 2, outcome="fail"),
    *call(3, 1, outcome="success"),
    *call(4, 1, outcome="voicemail"),
    *call(5, 0, outcome="no_answer"),
    *call(6, 0, outcome="busy"),
    *call(7, 0, campaign=None, outcome="no_answer"),
]


def test_steps_by_hand(tmp_path: Path) -> None:
    """Six calls of 0.30 each: four picked up, three by a person, two of them talked, one of these a success."""
    with store_of(tmp_path, EVENTS) as store:
        lines = encode(answer(Request(store, card=CARD)))["lines"]
    assert lines[0] == {
        "campaign": "recall",
        "attempts": 6,
        "connects": 4,
        "connect_rate": 4 / 6,
        "answered": 3,
        "answer_rate": 0.75,
        "conversations": 2,
        "conversation_rate": 2 / 3,
        "successes": 1,
        "conversation_success_rate": 0.5,
        "short_successes": 1,
        "voicemails": 1,
        "voicemail_rate": 1 / 6,
        "cost": "1.8",
        "cost_per_attempt": "0.3",
        "cost_per_conversation": "0.9",
        "cost_per_success": "0.9",
    }
    nobody = lines[1]
    assert (nobody["campaign"], nobody["attempts"], nobody["connects"], nobody["answer_rate"]) == (None, 1, 0, None)
    assert (nobody["cost_per_attempt"], nobody["cost_per_conversation"]) == ("0.3", None)


def test_when_people_answer(tmp_path: Path) -> None:
    """By the hour of the day, in a zone."""
    with store_of(tmp_path, EVENTS) as store:
        report = answer(Request(store, Selection(by=("hour_of_day",), tz="Europe/Berlin"), card=CARD))
    assert [(line.key, line.figures.campaign, line.figures.answered) for line in report.lines] == [
        ({"hour_of_day": "10"}, "recall", 3),
        ({"hour_of_day": "10"}, None, 0),
    ]


def test_campaigns_of_simulated_calls(tmp_path: Path) -> None:
    """Counts are those of the rows of calls, and groups add up to them."""
    simulate(tmp_path / "logs", calls=150, seed=5, workers=1)
    card = load_card("list")
    with open_store([str(tmp_path / "logs")], load_rules(), cache=False) as store:
        rows = calls(store, card).to_pylist()
        whole = [line.figures for line in answer(Request(store, card=card)).lines]
        parts = [line.figures for line in answer(Request(store, Selection(by=("language",)), card=card)).lines]
    assert {each.campaign: each.attempts for each in whole} == Counter(row["campaign"] for row in rows)
    assert {each.campaign: each.conversations for each in whole if each.conversations} == Counter(
        row["campaign"] for row in rows if row["answered"] and row["user_turns"] >= 2
    )
    for name in ("attempts", "connects", "answered", "conversations", "successes", "short_successes", "voicemails"):
        assert sum(getattr(each, name) for each in parts) == sum(getattr(each, name) for each in whole)
    assert all(
        each.attempts >= each.connects >= each.answered >= each.conversations >= each.successes for each in whole
    )
    costs = [row["cost_total"] for row in rows if row["cost_total"] is not None]
    assert round(sum(each.cost for each in whole if each.cost is not None), 18) == round(sum(costs), 18)
