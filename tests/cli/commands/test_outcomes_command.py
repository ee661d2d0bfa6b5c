"""``voicetel outcomes``, and a model behind it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import jsonschema
import pytest
from typer.testing import CliRunner, Result

from support.command import run as ask
from support.servers.model_server import model_answer, model_server
from voicetel.cli.app import app
from voicetel.errors import NoDataError, UsageError
from voicetel.outcomes import in_plain_words
from voicetel.registry import find_report

SAMPLES = str(Path(__file__).parents[3] / "sample_logs")


def run(*arguments: str) -> Result:
    """Run the command on the sample logs."""
    return CliRunner().invoke(app, [*arguments[:1], SAMPLES, "--no-cache", *arguments[1:]])


def test_outcomes_in_every_format() -> None:
    """One set of figures: as JSON by its schema, as CSV, as a table."""
    document = json.loads(run("outcomes", "--json", "--by", "language").stdout)
    jsonschema.validate(document, find_report("outcomes").schema())
    rows = list(csv.DictReader(io.StringIO(run("outcomes", "-f", "csv", "--by", "language").stdout)))
    assert [int(row["outcome_success"]) for row in rows] == [each["outcomes"]["success"] for each in document["groups"]]
    (row,) = csv.DictReader(io.StringIO(run("outcomes", "-f", "csv").stdout))
    assert int(row["answered"]) == document["outcomes"]["answered"]
    assert "How calls ended" in run("outcomes").stdout
    assert "| **Total** | **42** |" in run("outcomes", "-f", "md", "--by", "language").stdout


def test_explain_prints_the_chain() -> None:
    """Rule by rule, by the beginning of an id, with one that decides."""
    table = run("outcomes", "--explain", "lk-clinic-mo").stdout
    assert table.startswith("lk-clinic-moved\n")
    assert [line.split()[1] for line in table.splitlines() if line.startswith("logged ")] == ["yes"]
    steps = json.loads(run("outcomes", "--explain", "lk-clinic-mo", "--json").stdout)["steps"]
    assert [step["rule"] for step in steps if step["decided"]] == ["logged"]
    assert len(steps) >= 9


@pytest.mark.parametrize("form", ["table", "md"])
@pytest.mark.parametrize("command", [("call", "lk-clinic-hours"), ("outcomes", "--explain", "lk-clinic-hours")])
def test_no_pattern_passes_for_what_was_said(command: tuple[str, ...], form: str) -> None:
    """People read the group of the phrase; JSON has the line of the rules, with its choices, as well."""
    line = "(exactly |all |everything |just |)"
    shown = ask(*command, SAMPLES, "--no-cache", "-f", form).out
    assert "caller's phrase: it worked (en.it_worked)" in shown.replace("\\", "")
    assert line not in shown
    assert line in ask(*command, SAMPLES, "--no-cache", "--json").out


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        (("--with-text",), "Why: caller&#x27;s phrase: it worked (en.it_worked)."),
        ((), "Decided by the rule phrases. What was said is not in this file."),
    ],
)
def test_no_pattern_stands_on_the_page_of_a_call(tmp_path: Path, options: tuple[str, ...], wanted: str) -> None:
    """With the transcript or without."""
    page = tmp_path / "call.html"
    assert ask("call", "lk-clinic-hours", SAMPLES, "--no-cache", "-o", page, *options).code == 0
    assert wanted in page.read_text("utf-8")
    assert "(exactly |all" not in page.read_text("utf-8")


@pytest.mark.parametrize(
    ("reason", "rule", "plain"),
    [
        ('user said "(a|b)" (en.given_up)', "phrases", "caller's phrase: given up (en.given_up)"),
        (
            'fail too weak (0.3): agent said "c d" (own); user said "e" (ru.put_off)',
            "phrases",
            "fail too weak (0.3): agent's phrase: own (own); caller's phrase: put off (ru.put_off)",
        ),
        (
            'user said "hi (there|)" (own.clinic (new)); agent said "(a|b)" (own.a)',
            "phrases",
            "caller's phrase: clinic (new) (own.clinic (new)); agent's phrase: a (own.a)",
        ),
        ('user said "(a|b)" (en.given_up)', "logged", 'user said "(a|b)" (en.given_up)'),
        ("no phrase that tells", "phrases", "no phrase that tells"),
    ],
)
def test_reasons_in_plain_words(reason: str, rule: str, plain: str) -> None:
    """Every group that matched is named; what somebody logged as a reason stays as it is."""
    assert in_plain_words(reason, rule) == plain


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (["c-7f3a"], "voicetel outcomes --explain c-7f3a"),
        (["it's"], """voicetel outcomes --explain 'it'"'"'s'"""),
        ([SAMPLES, "c-7f3a"], f"voicetel outcomes {SAMPLES} --explain c-7f3a"),
    ],
)
def test_a_call_among_the_paths_is_told_apart(arguments: list[str], command: str) -> None:
    """What is no path may be a call: the command that explains one is named."""
    refused = CliRunner().invoke(app, ["outcomes", *arguments, "--no-cache"]).exception
    assert isinstance(refused, NoDataError)
    assert str(refused) == f"{arguments[-1]}: no such file or directory"
    assert refused.hint == f"name your logs; if it is a call: `{command}`"


def test_a_model_is_asked_and_its_cost_is_shown(tmp_path: Path) -> None:
    """Verdicts count in analyze, calls and outcomes alike; what it came to stands on stderr."""
    card = tmp_path / "pricing.toml"
    card.write_text(
        'currency = "USD"\n[llm."127.0.0.1"]\nusd_per_1m_input_tokens = 10\nusd_per_1m_output_tokens = 100\n', "utf-8"
    )
    with model_server(lambda text: model_answer("fail", 0.7, "gave_up")) as server:
        options = ("--classify-with", server.base_url, "--model", "tiny", "--pricing", str(card), "--max-llm-cost", "9")
        first = run("outcomes", "--json", *options)
        asked = json.loads(first.stdout)["outcomes"]
        listed = json.loads(run("calls", "--json", *options).stdout)
        report = json.loads(run("analyze", "--json", *options).stdout)["outcomes"]
    before = json.loads(run("outcomes", "--json").stdout)["outcomes"]
    by_model = sum(each["outcome_source"] == "llm" for each in listed)
    assert by_model > 0
    assert asked == report
    assert asked["unknown"] == before["unknown"] - by_model
    assert sum(each["outcome"] == "fail" for each in listed) == asked["fail"] == before["fail"] + by_model
    questions = set(server.questions)
    assert len(questions) * 3 == len(server.questions)
    assert f"{len(questions) * 100:,} input and {len(questions) * 20:,} output tokens, USD 0." in first.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--model", "tiny"), "belong together"),
        (("--classify-with", "nowhere", "--model", "tiny"), "is no endpoint"),
        (
            ("--classify-with", "http://localhost:1/v1", "--model", "tiny", "--max-llm-cost", "much"),
            "no amount of money",
        ),
        (("--classify-with", "http://localhost:1/v1", "--model", "tiny", "--max-llm-cost", "1"), "needs a price"),
        (
            ("--classify-with", "http://localhost:1/v1", "--model", "tiny", "--redact-pattern", "("),
            "cannot read the pattern",
        ),
        (("--scorer", "whisper"), "no scorer is called"),
    ],
)
def test_options_that_mean_nothing_are_refused(options: tuple[str, ...], message: str) -> None:
    """Before any log is read, in one line."""
    refused = run("analyze", *options).exception
    assert isinstance(refused, UsageError)
    assert message in str(refused)


def test_no_success_rate_of_calls_whose_outcome_is_unknown(tmp_path: Path) -> None:
    """One answered call of which nothing is known: n/a, and no 0 %."""
    (tmp_path / "a.jsonl").write_text(
        '{"v":1,"event":"turn","ts":"2026-11-02T09:00:00Z","call_id":"c","turn":1,"user":{"text":"Hello?"},"agent":{}}\n'
    )
    text = CliRunner().invoke(app, ["outcomes", str(tmp_path), "--no-cache"]).stdout
    assert "the outcome of 1 answered call is unknown" in text
    assert "success 0 of 1" not in text
    found = json.loads(CliRunner().invoke(app, ["outcomes", str(tmp_path), "--no-cache", "--json"]).stdout)
    jsonschema.validate(found, find_report("outcomes").schema())
    assert (found["outcomes"]["answered"], found["outcomes"]["success_rate"]) == (1, None)
