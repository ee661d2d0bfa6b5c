"""Filters, groups and states of calls, by small logs worked out by hand."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from support.logs import Event, store_of
from voicetel.analyzers.calls.calls import calls
from voicetel.analyzers.core.selection import Selection
from voicetel.analyzers.overview.analyze import analyze
from voicetel.errors import UsageError
from voicetel.pricing import parse_card

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from voicetel.analyzers.overview.results import Analysis, Overview

CARD = parse_card('currency = "USD"\n[stt.deepgram]\nusd_per_second = 0.01\n', source="card")


def call(call_id: str, ts: str, *, ended: bool = True, seconds: float = 60, **started: Any) -> list[Event]:
    """A call of one turn with three seconds of STT."""
    head = {"v": 1, "call_id": call_id, "ts": ts}
    stt = {"stage": "stt", "provider": "deepgram", "audio_s": 3}
    turn = {"event": "turn", "turn": 1, "user": {"text": "x"}, "agent": {"text": "y"}, "eou_latency_ms": 500}
    events = [head | {"event": "call_started"} | started, head | turn | {"operations": [stt]}]
    return [*events, head | {"event": "call_ended", "duration_s": seconds}] if ended else events


LOG = [
    *call("a1", "2026-11-02T09:00:00Z", agent_name="clinic", agent_version="1", language="en"),
    *call("a2", "2026-11-02T22:30:00Z", agent_name="clinic", agent_version="2", language="ru"),
    *call("b1", "2026-11-03T01:00:00Z", agent_name="parcel", agent_version="2", language="ru", campaign="nov"),
    *call("b2", "2026-11-03T09:00:00Z", ended=False),
]


def analysis(directory: Path, selection: Selection, events: list[Event] = LOG) -> Analysis:
    """The report over a log."""
    with store_of(directory, events) as store:
        return analyze(store, CARD, selection)


@pytest.mark.parametrize(
    ("selection", "ids"),
    [
        (Selection(), 4),
        (Selection(since=datetime(2026, 11, 2, 22, 30)), 3),  # noqa: DTZ001  filters are UTC without a zone
        (Selection(until=datetime(2026, 11, 2, 22, 30)), 1),  # noqa: DTZ001  see above
        (Selection(agents=("clinic",)), 2),
        (Selection(agents=("clinic", "parcel"), languages=("ru",)), 2),
        (Selection(campaigns=("nov",)), 1),
        (Selection(agents=("nobody",)), 0),
    ],
)
def test_filters_go_by_the_start_and_by_what_the_call_says(tmp_path: Path, selection: Selection, ids: int) -> None:
    """Calls, turns and money are those of the calls that are wanted, and of no other."""
    total = analysis(tmp_path, selection).total
    assert (total.calls, total.turns, total.interruptions.agent_turns) == (ids, ids, ids)
    assert total.cost.total == (ids * Decimal("0.03") or None)  # of no call no cost is known
    assert total.latency["eou_latency_ms"].statistics.n == ids


@pytest.mark.parametrize(
    "by", ["agent_name", "agent_version", "campaign", "direction", "language", "day", "outcome", "agent_name,day"]
)
@pytest.mark.parametrize("agents", [(), ("clinic",)])
def test_groups_add_up_to_the_total(tmp_path: Path, by: str, agents: tuple[str, ...]) -> None:
    """Whatever calls are grouped by, every call is in one group, and sums over groups are the total."""
    found = analysis(tmp_path, Selection(by=tuple(by.split(",")), agents=agents))
    figures: tuple[Callable[[Overview], Any], ...] = (
        lambda report: report.calls,
        lambda report: report.turns,
        lambda report: report.cost.total,
        lambda report: report.usage["stt_s"],
        lambda report: report.interruptions.agent_turns,
        lambda report: report.latency["eou_latency_ms"].statistics.n,
        lambda report: sum(each.calls for each in report.outcomes.shares),
    )
    for figure in figures:
        assert sum(figure(each.figures) for each in found.groups) == figure(found.total)


def test_groups_come_in_the_order_of_their_values(tmp_path: Path) -> None:
    """Named groups by name, then the calls that do not say."""
    groups = analysis(tmp_path, Selection(by=("agent_name",))).groups
    assert [(each.group, each.figures.calls) for each in groups] == [
        ({"agent_name": "clinic"}, 2),
        ({"agent_name": "parcel"}, 1),
        ({"agent_name": None}, 1),
    ]


def test_a_day_is_that_of_the_start_in_the_zone(tmp_path: Path) -> None:
    """Half past ten in the evening UTC is the next day in Moscow."""
    groups = analysis(tmp_path, Selection(by=("day",), tz="Europe/Moscow")).groups
    assert [(each.group["day"], each.figures.calls) for each in groups] == [("2026-11-02", 1), ("2026-11-03", 3)]


def test_an_unknown_dimension_says_the_likely_one(tmp_path: Path) -> None:
    """A misspelt dimension is a usage error with a hint."""
    with pytest.raises(UsageError, match="cannot group by 'agent_nam'") as raised:
        analysis(tmp_path, Selection(by=("agent_nam",)))
    assert raised.value.hint == "did you mean agent_name?"


def test_a_call_without_its_end_is_in_progress_for_an_hour(tmp_path: Path) -> None:
    """Exactly an hour behind the newest event is still in progress; a millisecond more is incomplete."""
    log = [
        *call("old", "2026-11-02T08:59:59.999Z", ended=False),
        *call("new", "2026-11-02T09:00:00Z", ended=False),
        *call("done", "2026-11-02T10:00:00Z"),
    ]
    total = analysis(tmp_path, Selection(), log).total
    assert (total.calls, total.incomplete_calls, total.in_progress_calls) == (3, 1, 1)
    assert total.duration_s == 60


def test_of_two_headers_the_later_word_counts(tmp_path: Path) -> None:
    """Field by field the line with the later ts wins; what it leaves out stays."""
    head = {"v": 1, "call_id": "c"}
    log = [
        head | {"event": "call_started", "ts": "2026-11-02T09:00:02Z", "agent_name": "later"},
        head | {"event": "call_started", "ts": "2026-11-02T09:00:00Z", "agent_name": "early", "language": "ru"},
        head | {"event": "call_ended", "ts": "2026-11-02T09:01:00Z", "duration_s": 50, "outcome": "fail"},
        head
        | {"event": "call_ended", "ts": "2026-11-03T09:00:00Z", "outcome": "success", "outcome_reason": "reviewed"},
    ]
    with store_of(tmp_path, log) as store:
        (row,) = calls(store, CARD).to_pylist()
    assert (row["agent_name"], row["language"], row["duration_s"]) == ("later", "ru", 50)
    assert (row["outcome"], row["outcome_reason"], row["outcome_source"]) == ("success", "reviewed", "logged")


def test_a_length_that_was_not_logged_is_from_the_first_event_to_the_first_end(tmp_path: Path) -> None:
    """A webhook that comes hours later does not make the call longer."""
    head = {"v": 1, "call_id": "c"}
    log = [
        head | {"event": "call_started", "ts": "2026-11-02T09:00:00Z"},
        head | {"event": "call_ended", "ts": "2026-11-02T09:01:30.500Z"},
        head | {"event": "call_ended", "ts": "2026-11-02T15:00:00Z", "final_state": "done"},
    ]
    assert analysis(tmp_path, Selection(), log).total.duration_s == Decimal("90.5")


def test_what_has_no_price_is_listed_and_is_not_zero(tmp_path: Path) -> None:
    """A model without a rate: no amount, the quantities, and a coverage that says so."""
    head = {"v": 1, "call_id": "c", "ts": "2026-11-02T09:00:00Z"}
    llm = {"stage": "llm", "provider": "acme", "model": "new-model", "input_tokens": 10, "output_tokens": 2}
    cost = analysis(tmp_path, Selection(), [head | {"event": "usage", "operations": [llm]}]).total.cost
    assert (cost.total, cost.components["llm"], cost.per_call_avg, cost.coverage) == (None, None, None, 0)
    assert cost.components["stt"] == 0
    (unpriced,) = cost.unpriced
    assert (unpriced.stage, unpriced.provider, unpriced.model, unpriced.operations) == ("llm", "acme", "new-model", 1)
    assert unpriced.quantities == {"input_tokens": 10, "output_tokens": 2}


def test_an_operation_that_used_nothing_is_neither_covered_nor_uncovered(tmp_path: Path) -> None:
    """A rate for a model does not cover work whose quantities nobody logged."""
    head = {"v": 1, "call_id": "c", "ts": "2026-11-02T09:00:00Z"}
    silent = {"stage": "stt", "provider": "deepgram", "ttfb_ms": 100}
    cost = analysis(tmp_path, Selection(), [head | {"event": "usage", "operations": [silent]}]).total.cost
    assert (cost.coverage, cost.total, len(cost.unpriced)) == (None, None, 0)
    heard = silent | {"audio_s": 2}
    cost = analysis(tmp_path, Selection(), [head | {"event": "usage", "operations": [silent, heard]}]).total.cost
    assert (cost.coverage, cost.total) == (1, Decimal("0.02"))


def test_an_id_used_again_after_decades_breaks_nothing(tmp_path: Path) -> None:
    """A length that is no length of a call is unknown; every other figure stands."""
    head = {"v": 1, "call_id": "c"}
    log = [
        head | {"event": "call_started", "ts": "1970-01-01T00:00:00Z"},
        head | {"event": "call_ended", "ts": "9999-12-31T00:00:00Z"},
    ]
    total = analysis(tmp_path, Selection(), log).total
    assert (total.calls, total.duration_s) == (1, None)
