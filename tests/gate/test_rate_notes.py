"""A rate far off its list price makes every amount doubtful: whoever holds limits to amounts is told, and nothing fails by it."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from unittest.mock import Mock

import pytest
from jsonschema import Draft202012Validator

from support.command import Ran, run
from support.example_logs.gate_logs import calls, limit, log_of
from voicetel.analyzers.cost import rate_notes
from voicetel.errors import ExitCode
from voicetel.registry import find_report

NOTE = "stt.deepgram: 0.0043 per second is 54 times the list price, 0.0048 per minute"
CHEAP = limit("cost", "per_call < 100")
QUICK = limit("eou_latency_ms", "p50 < 5000")


@pytest.fixture
def logs(tmp_path: Path) -> str:
    """Forty calls with two seconds of speech recognition a turn, which the shipped card prices by the second."""
    events = calls(40)
    for event in events:
        for operation in event.get("operations", ()):
            operation |= {"stage": "stt", "provider": "deepgram", "model": "nova-3", "audio_s": 2}
    return log_of(tmp_path / "logs", events)


def check(logs: str, *words: str, limits: str = CHEAP) -> Ran:
    """Check ``logs`` against these limits."""
    Path("slo.toml").write_text(limits, encoding="utf-8")
    return run("check", logs, *words)


def test_check_warns_of_a_rate_where_a_limit_is_on_money(logs: str) -> None:
    """As the report does: above the table, what mends it at the foot; in JSON as a member. It passes none the less."""
    found = check(logs)
    assert (found.code, found.err) == (ExitCode.OK, "")
    assert found.out.index(f"! {NOTE}") < found.out.index("cost per_call")
    assert "`voicetel pricing check` says more" in found.out
    assert f"! {NOTE}" in run("analyze", logs).out
    answered = check(logs, "--json")
    Draft202012Validator(find_report("check").schema()).validate(answered.json)
    assert (answered.json["rate_notes"], answered.json["warnings"]) == ([NOTE], [])
    assert answered.json["rate_notes"] == run("analyze", logs, "--json").json["cost"]["notes"]


def test_a_broken_limit_is_still_broken(logs: str) -> None:
    """The warning stands beside it."""
    found = check(logs, limits=limit("cost", "per_call < 0.001"))
    assert (found.code, NOTE in found.out) == (ExitCode.LIMIT_BROKEN, True)


def test_limits_on_other_figures_know_no_rates(logs: str) -> None:
    """No rate is in a latency, and nothing is said where the card is right."""
    assert NOTE not in check(logs, limits=QUICK).out
    assert check(logs, "--json", limits=QUICK).json["rate_notes"] == []
    assert "list price" not in check(logs, "--pricing", "list").out


def test_list_prices_are_looked_up_where_money_is_asked_for(logs: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """To load them takes a third of a second for a card with providers of its own."""
    look_up = Mock(return_value=())
    monkeypatch.setattr(rate_notes, "outliers_from_price_list", look_up)
    check(logs, limits=QUICK)
    run("compare", logs, logs, "--metric", "turns")
    run("trend", logs, "--metric", "turns")
    run("sql", "SELECT count(*) FROM calls", logs)
    assert look_up.call_count == 0
    check(logs)
    run("sql", "SELECT sum(cost_total) FROM calls", logs)
    assert look_up.call_count == 2


def test_ci_is_told(logs: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A warning of GitHub's and a line of its summary; a line of the suite's output in JUnit; CSV has rows alone."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    found = check(logs, "--github", "--junit", "check.xml")
    assert found.err.splitlines()[1] == f"::warning title=rate far off the list price::{NOTE}"
    assert NOTE in (tmp_path / "summary.md").read_text("utf-8")
    suite = ET.parse("check.xml").getroot()[0]
    assert (suite.get("failures"), suite.findtext("system-out", "").splitlines()[0]) == ("0", f"warning: {NOTE}")
    assert check(logs, "--format", "csv").err == f"warning: {NOTE}\n"


def test_first_limits_are_not_taken_from_a_wrong_card_in_silence(logs: str) -> None:
    """``--init`` writes today's costs into the file."""
    found = run("check", logs, "--init")
    assert ('metric = "cost"' in found.out, found.err) == (True, f"warning: {NOTE}\n")


def test_compare_warns_of_a_rate_where_money_is_compared(logs: str) -> None:
    """Costs are among what is compared unless it is said what; once, though both sides have the rate."""
    found = run("compare", logs, logs)
    assert (found.code, found.out.count(NOTE)) == (ExitCode.OK, 1)
    assert found.out.index(f"! {NOTE}") < found.out.index("eou_latency_ms avg")
    assert NOTE not in run("compare", logs, logs, "--metric", "eou_latency_ms").out
    assert NOTE in run("compare", logs, logs, "--metric", "turns", "--fail-on", "cost per_call +10%").out
    answered = run("compare", logs, logs, "--json").json
    Draft202012Validator(find_report("compare").schema()).validate(answered)
    assert answered["rate_notes"] == [NOTE]


def test_trend_warns_of_a_rate_where_a_metric_is_money(logs: str) -> None:
    """Costs are among the metrics unless it is said which."""
    found = run("trend", logs)
    assert (found.out.count(NOTE), found.out.index(NOTE) < found.out.index("cost per_call")) == (1, True)
    assert NOTE not in run("trend", logs, "--metric", "turns").out
    answered = json.loads(run("trend", logs, "--json").out)
    Draft202012Validator(find_report("trend").schema()).validate(answered)
    assert answered["rate_notes"] == [NOTE]
