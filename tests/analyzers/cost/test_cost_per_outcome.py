"""What a success and an answered call cost: by hand, in the report, by group and in the gate."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from support.logs import store_of
from voicetel.analyzers.core.selection import Selection
from voicetel.analyzers.overview.analyze import analyze
from voicetel.gate.expectations import parse_measures
from voicetel.gate.samples.observe import observe
from voicetel.gate.samples.take import sample
from voicetel.pricing import parse_card

if TYPE_CHECKING:
    from pathlib import Path

    from support.logs import Event

CARD = parse_card('currency = "USD"\n[transport.livekit]\nusd_per_minute = 0.01\n', source="card")


def ended(call: str, agent: str, outcome: str, seconds: int) -> list[Event]:
    """A call in which the caller spoke, and how it ended."""
    common = {"v": 1, "call_id": call}
    operation = {"stage": "transport", "provider": "livekit", "session_s": seconds}
    return [
        {**common, "event": "call_started", "ts": "2026-11-02T09:00:00Z", "agent_name": agent},
        {
            **common,
            "event": "turn",
            "ts": "2026-11-02T09:00:01Z",
            "turn": 1,
            "user": {"text": "hm"},
            "agent": {"text": "?"},
        },
        {**common, "event": "call_ended", "ts": "2026-11-02T09:05:00Z", "outcome": outcome, "operations": [operation]},
    ]


LOG = [
    *ended("a", "one", "success", 20),
    *ended("b", "one", "fail", 20),
    *ended("c", "one", "voicemail", 20),
    *ended("d", "two", "fail", 60),
]


def test_what_failed_is_part_of_what_a_success_costs(tmp_path: Path) -> None:
    """Two minutes at 0.01 are 0.02 for one success and three answered calls; of agent one 0.01 for one and two."""
    with store_of(tmp_path, LOG) as store:
        report = analyze(store, CARD, Selection(by=("agent_name",)))
        found = sample(store, CARD)
    cost = report.total.cost
    assert (cost.total, cost.per_success) == (Decimal("0.02"), Decimal("0.02"))
    assert cost.per_answered == Decimal("0.006666666666666667")
    one, two = (group.figures.cost for group in report.groups)
    assert (one.total, one.per_success, one.per_answered) == (Decimal("0.01"), Decimal("0.01"), Decimal("0.005"))
    assert (two.per_success, two.per_answered) == (None, Decimal("0.01"))
    for statistic, expected in (("per_success", cost.per_success), ("per_answered", cost.per_answered)):
        assert [observe(found, each).value for each in parse_measures(f"cost {statistic}")] == [expected]
