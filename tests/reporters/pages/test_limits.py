"""What the report page says of limits: those that hold for all calls, each with its statistic, as ``check`` judges them."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

import pytest

from support.command import run
from support.example_logs.gate_logs import call, limit, log_of

if TYPE_CHECKING:
    from pathlib import Path

LIMITS = {
    ("eou_latency_ms", "p50 < 1000"): ("p50 < 1000 ms: passed", "p50 < 1000 мс: соблюдено"),
    ("eou_latency_ms", "p95 < 1500"): ("p95 < 1500 ms: broken", "p95 < 1500 мс: нарушено"),
    ("eou_latency_ms", "p99 <= 2s"): ("p99 ≤ 2000 ms: passed", "p99 ≤ 2000 мс: соблюдено"),
    ("eou_latency_ms", "avg < 1100"): ("avg < 1100 ms: broken", "среднее < 1100 мс: нарушено"),
    ("slow_turns", "over_1500 < 20%"): (
        "over 1,500 ms < 20 %: broken",
        "дольше 1,500 мс < 20 %: нарушено",
    ),
    ("success_rate", "rate > 90%"): ("rate > 90 %: passed", "доля > 90 %: соблюдено"),
    ("interruption_rate", "rate < 25%"): ("rate < 25 %: passed", "доля < 25 %: соблюдено"),
    ("cost", "per_call < 0.01"): ("per call < 0.01 USD: broken", "за звонок < 0.01 USD: нарушено"),
    ("cost", "per_conversation < 1"): (
        "per conversation < 1 USD: passed",
        "за разговор < 1 USD: соблюдено",
    ),
    ("coverage", "share > 90%"): ("with a price > 90 %: passed", "с ценой > 90 %: соблюдено"),
    ("cost", "per_success < 0.01"): ("per success < 0.01 USD: broken", "за успех < 0.01 USD: нарушено"),
}
"""Limit → what is said of it, of calls that each have responses of 800, 800, 800 and 2,000 ms and cost 0.04, in the order of the tiles."""

SOME_CALLS = limit("eou_latency_ms", "p95 < 700", where='{ agent_name = "clinic" }')
CARD = 'currency = "USD"\n[llm.groq]\nusd_per_1m_input_tokens = 1000\n'


@pytest.fixture
def logs(tmp_path: Path) -> str:
    """20 calls; the rate card makes ten input tokens of each of four turns 0.01."""
    (tmp_path / "card.toml").write_text(CARD + "usd_per_1m_output_tokens = 0\n")
    (tmp_path / "logs").mkdir()
    return log_of(tmp_path / "logs", [event for n in range(20) for event in call(n, [800, 800, 800, 2000])])


def page(logs: str, folder: Path, slo: str, *options: str) -> str:
    """The page by these limits."""
    (folder / "slo.toml").write_text(slo)
    files = ("--slo", folder / "slo.toml", "--pricing", folder / "card.toml", "-o", folder / "page.html")
    ran = run("report", logs, "--no-cache", *files, *options)
    assert ran.code == 0, ran.err
    return (folder / "page.html").read_text("utf-8")


def said(text: str) -> list[tuple[bool, str]]:
    """What the tiles say of limits, and whether it is marked as bad."""
    found = re.findall(r'<p class="of verdict( bad)?">([^<]*)</p>', text)
    return [(bool(bad), html.unescape(words)) for bad, words in found]


def listed(text: str) -> list[tuple[bool, str]]:
    """What the list below the tiles says of the others."""
    found = re.findall(r'<li class="verdict( bad)?" dir="auto">([^<]*)</li>', text)
    return [(bool(bad), html.unescape(words)) for bad, words in found]


@pytest.mark.parametrize(("language", "place"), [("en", 0), ("ru", 1)])
def test_a_tile_says_of_each_limit_its_statistic_and_whether_it_is_broken(
    language: str, place: int, logs: str, tmp_path: Path
) -> None:
    """The median is within its limit and p95 is not: both are said, in words, and ``check`` says the same."""
    slo = SOME_CALLS + "".join(limit(*each) for each in LIMITS)
    words = [each[place] for each in LIMITS.values()]
    bad = [each[0].endswith("broken") for each in LIMITS.values()]
    made = page(logs, tmp_path, slo, "--lang", language)
    assert said(made) == list(zip(bad, words, strict=True))
    red = re.findall(r'<article class="kpi broken"><h3>([^<]*)<', made)
    assert (
        red
        == [
            ["Turns over 1,500 ms", "Cost per call", "Cost per success"],
            ["Реплик дольше 1,500 мс", "Цена звонка", "Цена успеха"],
        ][place]
    )
    ran = run(
        "check", logs, "--slo", tmp_path / "slo.toml", "--pricing", tmp_path / "card.toml", "--json", "--no-cache"
    )
    assert [each["result"] == "broken" for each in ran.json["limits"][1:]] == bad


def test_limits_of_which_no_tile_speaks_are_listed(logs: str, tmp_path: Path) -> None:
    """Each under its name in slo.toml, judged as ``check`` does; where there are no others there is no list."""
    slo = (
        limit("incomplete_share", "share < 25%")
        + limit("refused_share", "share <= 0%")
        + limit("outcome.fail", "share > 50%")
        + limit("eou_latency_ms", "p95 < 1500")
    )
    made = page(logs, tmp_path, slo)
    assert listed(made) == [
        (False, "incomplete_share share < 25 %: passed"),
        (False, "refused_share share ≤ 0 %: passed"),
        (True, "outcome.fail share > 50 %: broken"),
    ]
    assert said(made) == [(True, "p95 < 1500 ms: broken")]
    assert listed(page(logs, tmp_path, limit("eou_latency_ms", "p95 < 1500"))) == []


def test_limits_of_very_many_calls_are_left_to_check(
    logs: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page does not pay for a sample of all turns; that it has not judged them is said."""
    monkeypatch.setattr("voicetel.gate.page_limits.MANY_CALLS", 1)
    assert said(page(logs, tmp_path, limit("eou_latency_ms", "p95 < 1500"))) == [
        (False, "p95 < 1500 ms: see voicetel check")
    ]


def test_what_cannot_be_judged_is_not_called_passed_or_broken(logs: str, tmp_path: Path) -> None:
    """Too few calls, and a figure that there is not: of calls without an outcome."""
    slo = limit("eou_latency_ms", "p95 < 1500", min_calls=21) + limit("success_rate", "rate > 50%")
    unknown = [event for n in range(20) for event in call(n, [800], ended=False)]
    assert said(page(logs, tmp_path, slo))[0] == (False, "p95 < 1500 ms: too few calls")
    (tmp_path / "unended").mkdir()
    assert said(page(log_of(tmp_path / "unended", unknown), tmp_path, slo)) == [
        (False, "p95 < 1500 ms: too few calls"),
        (False, "rate > 50 %: nothing to judge it by"),
    ]


def test_a_limit_on_some_calls_is_no_figures_and_not_drawn(logs: str, tmp_path: Path) -> None:
    """It is listed and left to ``check``. It sets no line of slow responses either; of two limits on p95 the lowest does, wherever it stands."""
    alone = page(logs, tmp_path, SOME_CALLS)
    assert said(alone) == []
    assert listed(alone) == [(False, "eou_latency_ms p95 < 700 ms (agent_name=clinic): see voicetel check")]
    assert alone.count("700 ms") == 1
    assert "Turns over 1,500 ms" in alone
    both = SOME_CALLS + "".join(limit("eou_latency_ms", f"p95 {each}") for each in ("< 1900", "< 1600", "> 100"))
    of_all = page(logs, tmp_path, both)
    assert "Turns over 1,600 ms" in of_all
    assert [words for words in re.findall(r"over ([\d,]+) ms: [\d.]+ %", of_all) if words] == ["1,900"]
