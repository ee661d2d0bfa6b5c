"""A share of which nothing is known is none, and never 0 %: the calls of it are counted, and it is null."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.logs import Event, store_of
from voicetel.analyzers.campaigns import campaigns
from voicetel.analyzers.dropoff import dropoff
from voicetel.analyzers.overview.analyze import analyze
from voicetel.analyzers.request import Request
from voicetel.pricing import load_card

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from voicetel.analyzers.campaigns.results import Campaign
    from voicetel.analyzers.dropoff.dropoff import StateDropoff

SAID = {"user": {"text": "blorp zzyx"}, "agent": {"text": "frob quux"}, "state_id": "ask"}


def call(call_id: str, *turns: dict[str, Any], **end: Any) -> list[Event]:
    """A call of a campaign: two turns in the state ``ask``, but for what ``turns`` say, and its end."""
    head = {"v": 1, "ts": "2026-11-02T09:00:00Z", "call_id": call_id}
    told = turns or (SAID, SAID)
    return [
        {**head, "event": "call_started", "campaign": "spring", "direction": "inbound"},
        *({**head, "event": "turn", "turn": number, **each} for number, each in enumerate(told, 1)),
        {**head, "event": "call_ended", **end},
    ]


def of(folder: Path, calls: Sequence[list[Event]]) -> tuple[Any, Campaign, StateDropoff | None]:
    """The interruptions of ``analyze``, the campaign and the state, None where no turn names one."""
    with store_of(folder, [event for each in calls for event in each]) as store:
        request = Request(store)
        return (
            analyze(store, load_card()).total.interruptions,
            campaigns.answer(request).lines[0].figures,
            next((line.figures for line in dropoff.answer(request).lines), None),
        )


@pytest.mark.parametrize(
    ("ends", "success", "voicemail"),
    [
        ([{}], None, None),
        ([{}, {}, {}], None, None),
        ([{"outcome": "unknown"}], None, None),
        ([{"end_reason": "caller_hangup"}], None, None),
        ([{"outcome": "success"}], 1, 0),
        ([{"outcome": "fail"}], 0, 0),
        ([{"outcome": "success"}, {}], 0.5, 0),
        ([{"outcome": "fail"}, {}, {}, {}], 0, 0),
        ([{"outcome": "voicemail"}], None, 1),
        ([{"outcome": "voicemail"}, {}], None, 0.5),
    ],
    ids=str,
)
def test_how_calls_of_a_campaign_ended(
    tmp_path: Path, ends: list[dict[str, Any]], success: float | None, voicemail: float | None
) -> None:
    """Of conversations, and of attempts."""
    _, campaign, _ = of(tmp_path, [call(str(number), **end) for number, end in enumerate(ends)])
    assert (campaign.conversation_success_rate, campaign.voicemail_rate) == (success, voicemail)
    intervals = [campaign.intervals[name] is None for name in ("conversation_success_rate", "voicemail_rate")]
    assert intervals == [success is None, voicemail is None]


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ([{}], None),
        ([{}, {"outcome": "fail"}], None),
        ([{"end_reason": "sideways"}], None),
        ([{"end_reason": "agent_hangup"}], 0),
        ([{"end_reason": "timeout"}, {}], 0),
        ([{"end_reason": "caller_hangup"}], 1),
        ([{"end_reason": "caller_hangup"}, {}], 0.5),
        ([{"end_reason": "caller_hangup", "outcome": "success"}], 0),
        ([{"end_reason": "caller_hangup"}, {"end_reason": "transfer"}], 0.5),
    ],
    ids=str,
)
def test_where_callers_hang_up(tmp_path: Path, ends: list[dict[str, Any]], expected: float | None) -> None:
    """Known where any call that ended in the state says why."""
    *_, state = of(tmp_path, [call(str(number), **end) for number, end in enumerate(ends)])
    assert state is not None
    assert state.dropoff_rate == expected


TIMED = {"user": {"start_ms": 0, "end_ms": 500}, "agent": {"start_ms": 900, "end_ms": 1500}}


@pytest.mark.parametrize(
    ("turns", "end", "rate", "agent_turns"),
    [
        ((), {}, None, 2),
        (({"agent": {}}, {"agent": {"text": "a"}}), {}, None, 2),
        (({"agent": {"start_ms": 5}}, SAID), {}, None, 2),
        (({"agent": {"interrupted": None}},), {}, None, 1),
        (({"user": {"text": "a"}},), {}, None, 0),
        (({"agent": {"interrupted": False}}, SAID), {}, 0, 2),
        (({"agent": {"interrupted": True}}, SAID), {}, 0.5, 2),
        ((TIMED, TIMED), {}, 0, 2),
        ((), {"interruption_count": 0}, 0, 2),
        ((), {"interruption_count": 1}, 0.5, 2),
    ],
    ids=str,
)
def test_how_often_the_agent_was_stopped(
    tmp_path: Path, turns: tuple[dict[str, Any], ...], end: dict[str, Any], rate: float | None, agent_turns: int
) -> None:
    """Known where a flag, a count or times say so, of any call."""
    found, _, _ = of(tmp_path / "one", [call("a", *turns, **end), call("z", {"user": {"text": "hi"}})])
    assert (found.rate, found.agent_turns) == (rate, agent_turns)
    judged = call("known", {"agent": {"interrupted": True}})
    both, _, _ = of(tmp_path / "two", [call("a", *turns, **end), judged])
    assert both.rate == both.count / (agent_turns + 1) > 0
