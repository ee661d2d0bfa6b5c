"""What filters and dates mean."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from voicetel.choices import split_values
from voicetel.cli.options.groups import Filters
from voicetel.service.times import moment, period

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.command import Ran

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 6, 12, 0, tzinfo=UTC)


def at(text: str) -> datetime:
    """A time as analyzers want it: UTC, without a zone."""
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-11-02", "2026-11-01T23:00"),
        ("2026-11-02T09:00", "2026-11-02T08:00"),
        ("2026-11-02 09:00:30", "2026-11-02T08:00:30"),
        ("2026-11-02T09:00Z", "2026-11-02T09:00"),
        ("2026-11-02T09:00-05:00", "2026-11-02T14:00"),
        ("2026-07-01", "2026-06-30T22:00"),
    ],
)
def test_times_are_in_the_zone_unless_they_say_otherwise(text: str, meant: str) -> None:
    """Dates begin at the zone's midnight, summer and winter."""
    assert moment("--since", text, BERLIN) == at(meant)


def test_the_last_day_belongs_to_the_period() -> None:
    """--until with a date goes to its end, over a change of the clock too; with a time it stops there."""
    assert period(None, "2026-11-06", None, UTC, NOW) == (None, at("2026-11-07"))
    assert period(None, "2026-10-25", None, BERLIN, NOW) == (None, at("2026-10-25T23:00"))
    assert period(None, "2026-11-06T10:00", None, UTC, NOW) == (None, at("2026-11-06T10:00"))


@pytest.mark.parametrize(
    ("last", "begin"),
    [("90m", "2026-11-06T10:30"), ("24h", "2026-11-05T12:00"), ("7d", "2026-10-30T12:00"), ("2W", "2026-10-23T12:00")],
)
def test_last_counts_back_from_now(last: str, begin: str) -> None:
    """Minutes, hours, days, weeks."""
    assert period(None, None, last, UTC, NOW) == (at(begin), None)


def test_last_counts_back_from_until_where_given() -> None:
    """The last day before a moment."""
    assert period(None, "2026-11-05T12:00", "1d", UTC, NOW) == (at("2026-11-04T12:00"), at("2026-11-05T12:00"))


def test_words_may_be_repeated_or_come_with_commas() -> None:
    """In their order, each once."""
    assert split_values(["a, b", "c", "a,"]) == ("a", "b", "c")
    assert split_values(None) == ()


def test_a_selection_has_it_all() -> None:
    """What is typed is what analyzers are asked for."""
    chosen = Filters("2026-11-02", "2026-11-03", None, ["a,b"], ["c"], ["ru"], "Europe/Berlin").selection(("day",))
    assert (chosen.since, chosen.until) == (at("2026-11-01T23:00"), at("2026-11-03T23:00"))
    assert (chosen.agents, chosen.campaigns, chosen.languages) == (("a", "b"), ("c",), ("ru",))
    assert (chosen.by, chosen.tz) == (("day",), "Europe/Berlin")


@pytest.mark.parametrize(
    ("arguments", "ids"),
    [
        (("--agent", "clinic-booking"), ["c-7f3a", "c-b210"]),
        (("--agent", "clinic-booking", "--language", "ru"), ["c-b210"]),
        (("--agent", "reminder,clinic-booking"), ["c-7f3a", "c-b210", "c-0b5y"]),
        (("--since", "2026-11-03", "--until", "2026-11-03"), ["c-b210"]),
        (("--since", "2026-11-04", "--until", "2026-11-04", "--tz", "Europe/Berlin"), ["c-0b5y"]),
        (("--sort", "eou_latency_ms_max", "--limit", "2", "--agent", "clinic-booking"), ["c-b210", "c-7f3a"]),
    ],
)
def test_filters_choose_calls(voicetel: Callable[..., Ran], arguments: tuple[str, ...], ids: list[str]) -> None:
    """Through the whole command."""
    calls = json.loads(voicetel("calls", "--json", "--no-cache", *arguments).out)
    assert [call["call_id"] for call in calls] == ids


@pytest.mark.parametrize("empty", ["", " ", ",", " , "])
@pytest.mark.parametrize("option", ["--agent", "--campaign", "--language", "--by"])
def test_an_empty_option_is_no_wish_for_everything(voicetel: Callable[..., Ran], option: str, empty: str) -> None:
    """An empty variable of a script must not ask for all calls, or for no groups, in silence."""
    ran = voicetel("analyze", "--no-cache", option, empty)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"error: {option} is empty")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("analyze", "logs", "--slow", "800,soon"), "'soon' is no threshold of slow turns"),
        (("analyze", "logs", "--by", "modle"), "cannot group by 'modle'; did you mean model?"),
        (("calls", "logs", "--by", "model"), "cannot group calls by model, which is of operations"),
        (("cost", "logs", "--by", "modle"), "cannot group by 'modle'; did you mean model?"),
        (("outcomes", "logs", "--by", "turn"), "cannot group outcomes by turn, which is of turns"),
        (("campaigns", "logs", "--by", "stage"), "cannot group campaigns by stage, which is of operations"),
        (("report", "logs", "--by", "stage", "--json"), "cannot group report by stage, which is of operations"),
        (("trend", "logs", "--metric", "calls,latency"), "unknown metric 'latency'"),
        (("trend", "logs", "--every", "hours"), "no bucket is called 'hours'; did you mean hour?"),
    ],
)
def test_what_means_nothing_is_refused_before_logs_are_read(
    voicetel: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], message: str
) -> None:
    """In one line, with exit code 2, and not after minutes of reading."""

    def opened(*_: object, **__: object) -> None:
        pytest.fail("the logs were read first")

    monkeypatch.setattr("voicetel.cli.logs.opened", opened)
    ran = voicetel(*arguments)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert message in ran.err


@pytest.mark.parametrize("option", ["--agent", "--campaign", "--language"])
@pytest.mark.parametrize("value", ["", " ", ","])
def test_an_empty_filter_is_no_filter_and_refused(voicetel: Callable[..., Ran], option: str, value: str) -> None:
    """A variable of a script that is not set asks about no call, not about every one."""
    ran = voicetel("analyze", option, value)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"error: {option} is empty")
