"""Campaigns: the steps of seven calls by hand, and of simulated ones against a plain count."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.logs import Event, store_of
from voicetel.analyzers.calls.calls import calls
from voicetel.analyzers.campaigns.campaigns import answer
from voicetel.analyzers.campaigns.results import Contacts
from voicetel.analyzers.core.selection import Selection
from voicetel.analyzers.core.statistics import wilson_interval
from voicetel.analyzers.request import Request
from voicetel.errors import UsageError
from voicetel.outcomes import load_rules
from voicetel.pricing import load_card, parse_card
from voicetel.registry import find_report
from voicetel.reporters.layouts.campaigns import campaigns_document
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
        "attempt_answer_rate": 0.5,
        "intervals": {
            "connect_rate": pytest.approx({"low": 0.299994, "high": 0.903228}, abs=1e-5),
            "answer_rate": pytest.approx({"low": 0.300642, "high": 0.954413}, abs=1e-5),
            "attempt_answer_rate": pytest.approx({"low": 0.187616, "high": 0.812384}, abs=1e-5),
            "conversation_rate": pytest.approx({"low": 0.207660, "high": 0.938508}, abs=1e-5),
            "conversation_success_rate": pytest.approx({"low": 0.094531, "high": 0.905469}, abs=1e-5),
            "voicemail_rate": pytest.approx({"low": 0.030054, "high": 0.563503}, abs=1e-5),
        },
        "contacts": None,
    }
    nobody = lines[1]
    assert (nobody["campaign"], nobody["attempts"], nobody["connects"], nobody["answer_rate"]) == (None, 1, 0, None)
    assert (nobody["cost_per_attempt"], nobody["cost_per_conversation"]) == ("0.3", None)


def test_retries_per_contact(tmp_path: Path) -> None:
    """Ann was called three times and answered once, Ben twice and never: 5 attempts of 2 contacts are 1.5 retries each."""
    names = {1: "+4930111", 2: "+4930111", 5: "+4930111", 4: "+4930222", 6: "+4930222", 7: "+4930222"}
    events: list[Event] = []
    for event in EVENTS:
        contact = names.get(int(event["call_id"][1:]))
        events.append(event | ({"tags": {"to": contact}} if contact and event["event"] == "call_started" else {}))
    with store_of(tmp_path, events) as store:
        report = find_report("campaigns").ask(Request(store, card=CARD), {"contact": "tag.to"})
        grouped = answer(Request(store, Selection(by=("outcome",)), card=CARD), contact="tag.to")
        none = answer(Request(store, card=CARD), contact="tag.other")
        with pytest.raises(UsageError, match="'to' is no tag"):
            answer(Request(store), contact="to")
    recall, nobody = (line.figures.contacts for line in report.lines)
    assert recall == Contacts(
        count=2, attempts=5, attempts_per_contact=2.5, retries_per_contact=1.5, reached=1, reach_rate=0.5
    )
    assert nobody == Contacts(
        count=1, attempts=1, attempts_per_contact=1, retries_per_contact=0, reached=0, reach_rate=0
    )
    assert {line.key["outcome"]: line.figures.contacts.count for line in grouped.lines if line.figures.contacts} == {
        "busy": 1,
        "fail": 1,
        "no_answer": 1,
        "success": 1,
        "voicemail": 1,
    }
    assert [line.figures.contacts for line in none.lines] == [None, None]
    note = "No call among these has a text as tag.other: contacts are not known."
    assert (none.notes, campaigns_document(none).notes[0]) == ((note,), note)
    assert (report.notes, grouped.notes) == ((), ())
    shown = [
        json.dumps(encode(report)),
        "".join(find_report("campaigns").csv(report)),
        str(campaigns_document(report)),
    ]
    assert not any("4930" in text for text in shown)
    contacts = campaigns_document(report).sections[1].table
    assert contacts is not None
    assert list(contacts.texts()) == [
        ["recall", "2", "5", "1.50", "1", "50.0 %"],
        ["(not logged)", "1", "1", "0.00", "0", "0.0 %"],
    ]


@given(st.integers(0, 300), st.integers(1, 300))
def test_an_interval_ends_where_wilson_says(part: int, more: int) -> None:
    """At its ends the share is 1.96 standard errors of such a share away, and it is within 0 to 1."""
    whole = part + more
    for some in (part, more):
        share = some / whole
        low, high = wilson_interval(share, whole)
        assert 0 <= low <= share <= high <= 1
        for end in (low, high):
            error = (end * (1 - end) / whole) ** 0.5
            assert abs(share - end) == pytest.approx(1.959963984540054 * error, abs=1e-9) or end in {0, 1}


def test_two_campaigns_stand_side_by_side(tmp_path: Path) -> None:
    """A row per step with the count, its share and where that lies; three campaigns or groups have a row each."""
    with store_of(tmp_path, EVENTS) as store:
        report = answer(Request(store, card=CARD))
        by_hour = answer(Request(store, Selection(by=("hour_of_day",)), card=CARD))
    table = campaigns_document(report).sections[0].table
    assert table is not None
    assert [column.title for column in table.columns] == [
        "Step",
        "recall",
        "share",
        "95 %",
        "(not logged)",
        "share",
        "95 %",
    ]
    rows = {row[0]: row[1:] for row in table.texts()}
    assert rows["Connects, of attempts"] == ["4", "66.7 %", "30.0 to 90.3 %", "0", "0.0 %", "0.0 to 79.3 %"]
    assert rows["Answered, of connects"][3:] == ["0", "n/a", ""]
    assert rows["Cost per conversation"] == ["0.9000", "", "", "n/a", "", ""]
    hours = campaigns_document(by_hour).sections[0].table
    assert hours is not None
    assert [column.title for column in hours.columns[:3]] == ["hour_of_day", "campaign", "attempts"]
    assert next(hours.texts())[-2:] == ["50.0 %", "18.8 to 81.2 %"]


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
