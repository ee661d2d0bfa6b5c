"""``voicetel check`` as a CI job runs it: what it says and with which status it exits."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import xmlschema
from jsonschema import Draft202012Validator

from support.command import Ran, run
from support.example_logs.gate_logs import call, calls, limit, log_of
from voicetel.errors import ExitCode
from voicetel.registry import find_report

ROOT = Path(__file__).parents[2]
JUNIT = xmlschema.XMLSchema(str(ROOT / "tests" / "support" / "junit.xsd"))

PASSES = limit("eou_latency_ms", "p95 < 1500", name="quick")
FAILS = limit("eou_latency_ms", "p50 < 500")
WARNS = limit("eou_latency_ms", "p50 < 500", level="warn")
TOO_FEW = limit("eou_latency_ms", "p50 < 5000", min_calls=1000)
NO_DATA = limit("realtime_ttfb_ms", "p50 < 500")
NOBODY = limit("eou_latency_ms", "p50 < 5000", where='{ agent_name = "nobody" }')
LENIENT = limit("realtime_ttfb_ms", "p50 < 500", on_no_data="warn")


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Forty calls that answer in 800 ms."""
    return log_of(tmp_path_factory.mktemp("check") / "logs", calls(40))


def check(logs: str, *limits: str, more: tuple[str, ...] = ()) -> Ran:
    """Check ``logs`` against a file with these limits."""
    Path("slo.toml").write_text("\n".join(limits), encoding="utf-8")
    return run("check", logs, *more)


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        ((PASSES,), ExitCode.OK),
        ((PASSES, WARNS), ExitCode.OK),
        ((PASSES, FAILS), ExitCode.LIMIT_BROKEN),
        ((PASSES, TOO_FEW), ExitCode.NO_DATA),
        ((PASSES, NO_DATA), ExitCode.NO_DATA),
        ((PASSES, NOBODY), ExitCode.NO_DATA),
        ((PASSES, LENIENT), ExitCode.OK),
        ((FAILS, TOO_FEW), ExitCode.LIMIT_BROKEN),
        ((PASSES.replace("metric", "metrik"),), ExitCode.USAGE),
    ],
)
def test_the_exit_status_says_what_happened(logs: str, limits: tuple[str, ...], code: ExitCode) -> None:
    """Pass 0, warn 0, broken 3, not judged 4 unless something broke, bad file 2."""
    assert check(logs, *limits).code == code


def test_a_limit_stands_beside_its_figure(logs: str) -> None:
    """The table has limit, figure, interval, n and calls; what was not judged says why."""
    ran = check(logs, PASSES, FAILS, WARNS, TOO_FEW, LENIENT)
    rows = [re.split(r"\s{2,}", line.strip()) for line in ran.out.splitlines()[3:8]]
    assert [row[0] for row in rows] == ["ok", "FAIL", "warn", "not judged", "not judged"]
    assert rows[0][1:4] == ["eou_latency_ms p95", "< 1500 ms", "1,089 ms"]
    assert re.fullmatch(r"[\d,]+ – [\d,]+", rows[0][4])
    assert rows[0][5:] == ["200", "40", "quick"]
    assert rows[3][-1] == "40 calls, fewer than min_calls = 1000"
    assert rows[4][-1] == "nothing was logged to judge it by"


def test_a_limit_within_the_interval_is_said_to_be_uncertain(logs: str) -> None:
    """Who misses a limit by chance, or keeps it so, can see it."""
    ran = check(logs, limit("eou_latency_ms", "avg < 801"), limit("eou_latency_ms", "avg < 2000"))
    assert ran.out.count("not certain") == 1


def test_json_keeps_to_its_schema(logs: str) -> None:
    """What --json writes is what the schema says, whatever became of the limits; money is exact."""
    ran = check(logs, PASSES, FAILS, TOO_FEW, NO_DATA, limit("cost", "per_call < 1"), more=("--json",))
    Draft202012Validator(find_report("check").schema()).validate(ran.json)
    assert ran.json["exit_code"] == ran.code == ExitCode.LIMIT_BROKEN
    assert ran.json["limits"][0]["value"] == 1088.8
    assert ran.json["limits"][0]["line"] == 1
    cost = ran.json["limits"][4]
    assert (cost["value"], cost["bound"]) == ("0.0000065", "1")


def test_csv_and_markdown_have_a_row_per_limit(logs: str) -> None:
    """Every limit is a row of the CSV and of the Markdown table."""
    lines = check(logs, PASSES, FAILS, more=("--format", "csv")).out.splitlines()
    assert len(lines) == 3
    assert lines[2].startswith("broken,,eou_latency_ms,p50,<,500,,fail,")
    table = [line for line in run("check", logs, "--format", "md").out.splitlines() if line.startswith("|")]
    assert len(table) == 4


def test_where_narrows_the_calls(tmp_path: Path) -> None:
    """A limit with where is about the calls that have one of the values, and no others."""
    events = calls(25, 600, agent_version="1") + calls(25, 1200, agent_version="2") + calls(25, 1800, agent_version="3")
    where = '{ agent_version = ["1", "2"] }'
    ran = check(log_of(tmp_path / "logs", events), limit("eou_latency_ms", "max < 1700", where=where), more=("--json",))
    assert (ran.code, ran.json["limits"][0]["calls"], ran.json["limits"][0]["n"]) == (0, 50, 250)


def test_filters_narrow_everything(tmp_path: Path) -> None:
    """--agent and the like choose the calls before any limit does."""
    events = calls(25, 600, agent_name="a") + calls(25, 1200, first=100, agent_name="b")
    folder = log_of(tmp_path / "logs", events)
    assert check(folder, limit("eou_latency_ms", "max < 900"), more=("--agent", "a")).code == ExitCode.OK
    assert check(folder, limit("eou_latency_ms", "max < 900"), more=("--agent", "b")).code == ExitCode.LIMIT_BROKEN


def test_every_metric_can_be_limited(tmp_path: Path) -> None:
    """Latencies, cost, interruptions, outcomes, incomplete calls, refused lines, coverage, sentiment: each is judged."""
    events = calls(40) + call(100, [800], ended=False)
    folder = tmp_path / "logs"
    log_of(folder, events)
    with (folder / "calls.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"v":1,"event":"turn"\n')
    wanted = [
        ("interruption_rate", "rate < 5%", 0.0),
        ("success_rate", "> 90%", 40 / 41),
        ("outcome.voicemail", "share < 1%", 0.0),
        ("incomplete_share", "< 50%", 1 / 41),
        ("refused_share", "< 50%", 1 / 283),
        ("coverage", "share > 99%", 1.0),
        ("calls", "total > 40", 41.0),
    ]
    ran = check(str(folder), *(limit(metric, expect) for metric, expect, _ in wanted), more=("--json",))
    assert [each["value"] for each in ran.json["limits"]] == pytest.approx([value for *_, value in wanted])
    assert ran.code == ExitCode.OK


def test_no_calls_at_all_exits_with_4(tmp_path: Path) -> None:
    """Logs with nothing in them are no pass."""
    (tmp_path / "logs").mkdir()
    assert check(str(tmp_path / "logs"), PASSES).code == ExitCode.NO_DATA


def test_a_missing_file_says_how_to_get_one(logs: str) -> None:
    """Without slo.toml the error names --init."""
    ran = run("check", logs)
    assert ran.code == ExitCode.USAGE
    assert "slo.toml: cannot be read" in ran.err
    assert "check --init" in ran.err


def test_a_mistake_is_one_line_on_stderr(logs: str) -> None:
    """A bad file is answered with file, line and the likely right word, and stdout stays empty."""
    ran = check(logs, PASSES, FAILS.replace("eou_latency_ms", "eou_latncy_ms"), more=("--json",))
    assert (ran.code, ran.out) == (ExitCode.USAGE, "")
    assert ran.err == "error: slo.toml:7: unknown metric 'eou_latncy_ms'; did you mean eou_latency_ms?\n"


def test_the_first_file_holds_today_and_breaks_when_calls_get_slower(tmp_path: Path, logs: str) -> None:
    """--init writes limits that these calls keep to and calls half as slow again do not."""
    Path("slo.toml").write_text(run("check", logs, "--init").out, encoding="utf-8")
    ran = run("check", logs, "--json")
    assert ran.code == ExitCode.OK
    assert len(ran.json["limits"]) >= 8
    slower = log_of(tmp_path / "slower", calls(40, 1200))
    assert run("check", slower).code == ExitCode.LIMIT_BROKEN


@pytest.mark.parametrize("limits", [(PASSES,), (PASSES, FAILS, WARNS, TOO_FEW, LENIENT), (NO_DATA,)])
def test_junit_is_valid_and_counts_right(logs: str, limits: tuple[str, ...]) -> None:
    """The XML keeps to what the common readers take, and its counts are those of its cases."""
    check(logs, *limits, more=("--junit", "junit.xml"))
    JUNIT.validate("junit.xml")
    suite = ET.parse("junit.xml").getroot()[0]
    assert int(suite.attrib["tests"]) == len(limits)
    for attribute, element in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert int(suite.attrib[attribute]) == len(suite.findall(f"testcase/{element}"))


def test_junit_tells_failures_from_errors_and_warnings(logs: str) -> None:
    """Broken is a failure, not judged an error, a warning passes, what may go unjudged is skipped."""
    check(logs, PASSES, FAILS, WARNS, TOO_FEW, LENIENT, more=("--junit", "junit.xml"))
    suite = ET.parse("junit.xml").getroot()[0]
    problems = [[child.tag for child in case] for case in suite.findall("testcase")]
    assert problems == [[], ["failure"], [], ["error"], ["skipped"]]
    assert "warning: 800 ms breaks" in (suite.findtext("system-out") or "")


def test_hostile_names_harm_no_format(tmp_path: Path) -> None:
    """Control characters and markup from a limits file stay text in XML, in a terminal and for GitHub."""
    name = r"a\u001b[31m\u0000]]><b>::error::\n"
    ran = check(
        log_of(tmp_path / "logs", calls(25)),
        limit("eou_latency_ms", "p50 < 1", name=name),
        more=("--junit", "j.xml", "--github"),
    )
    JUNIT.validate("j.xml")
    assert "\x1b" not in ran.out + ran.err
    written, *annotations = ran.err.splitlines()
    assert written.startswith("j.xml: ")
    assert [line for line in annotations if line.startswith("::")] == annotations != []


def test_junit_is_never_written_over_a_log(logs: str) -> None:
    """A file that is read is not written to."""
    ran = check(logs, PASSES, more=("--junit", f"{logs}/calls.jsonl"))
    assert (ran.code, "is one of the logs" in ran.err) == (ExitCode.USAGE, True)


def test_the_limits_of_the_sample_logs_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """The gate of this repository passes on its own sample logs, and judges every limit."""
    monkeypatch.chdir(ROOT)
    ran = run("check", "sample_logs", "--json")
    assert ran.code == ExitCode.OK, ran.err
    assert {each["result"] for each in ran.json["limits"]} == {"passed"}


def test_outcomes_that_nobody_knows_break_no_limit(tmp_path: Path) -> None:
    """Where the outcome of no call is known a success rate is not judged, and neither is a share of failures."""
    logs = log_of(
        tmp_path / "logs", [event for number in range(30) for event in call(number, [800], outcome="unknown")]
    )
    ran = check(logs, limit("success_rate", "rate > 0.8"), limit("outcome.fail", "share < 0.1"))
    assert ran.code == ExitCode.NO_DATA
    assert ran.out.startswith("slo.toml · 2 limits · 2 not judged")


def test_too_few_calls_says_where_their_number_stands(logs: str) -> None:
    """A first check over a few calls ends with 4; what to change, and in which file, stands under the table."""
    ran = check(logs, PASSES, TOO_FEW)
    assert ran.code == ExitCode.NO_DATA
    text = " ".join(ran.out.split())
    assert "40 calls, fewer than min_calls = 1000" in text
    note = (
        "1 limit was not judged for want of calls: `min_calls = N` says how many it takes, in slo.toml below [defaults]"
    )
    assert note in text
    assert "for want of calls" not in check(logs, PASSES, NO_DATA).out
    head, *_ = (out := check(logs, PASSES, TOO_FEW, NO_DATA).out).splitlines()
    assert " · 2 not judged · " in head
    assert "2 limits were not judged, 1 of them for want of calls: " in " ".join(out.split())
