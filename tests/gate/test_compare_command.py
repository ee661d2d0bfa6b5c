"""``voicetel compare``: what it finds, what it leaves unsaid, and when it fails a job."""

from __future__ import annotations

import csv
import io
import random
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import xmlschema
from jsonschema import Draft202012Validator

from support.command import Ran, run
from support.example_logs.gate_logs import call, log_of
from voicetel.errors import ExitCode
from voicetel.registry import find_report

if TYPE_CHECKING:
    from support.logs import Event

ROOT = Path(__file__).parents[2]
FOUND = {"worse", "better", "changed"}


def release(version: str, calls: int = 120, *, slower: float = 1.0, success: float = 0.9, seed: int = 1) -> list[Event]:
    """Calls of one release, scattered at random: each call has its own pace, and each turn some of its own."""
    rng = random.Random(f"{version} {seed}")
    events = []
    for number in range(calls):
        pace = rng.lognormvariate(6.6, 0.25) * slower
        latencies = [round(pace * rng.lognormvariate(0, 0.25), 1) for _ in range(6)]
        outcome = "success" if rng.random() < success else "fail"
        events += call(number, latencies, outcome=outcome, agent_version=version)
    return events


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Logs of a release and of three that came after: an equal one, a slow one, and a slow one that fails more often."""
    folder = tmp_path_factory.mktemp("compare")
    return {
        "base": log_of(folder / "base", release("1")),
        "same": log_of(folder / "same", release("2")),
        "slower": log_of(folder / "slower", release("2", slower=1.3)),
        "worse": log_of(folder / "worse", release("2", slower=1.3, success=0.6)),
    }


@pytest.fixture
def same(releases: dict[str, str]) -> tuple[str, str]:
    """Two releases that differ in nothing."""
    return releases["base"], releases["same"]


@pytest.fixture
def slower(releases: dict[str, str]) -> tuple[str, str]:
    """Two releases, of which the second takes 30 % longer."""
    return releases["base"], releases["slower"]


def findings(ran: Ran) -> dict[str, str]:
    """Measure → what was found."""
    return {f"{each['metric']} {each['statistic']}": each["finding"] for each in ran.json["differences"]}


def test_the_slower_version_of_the_sample_logs_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """clinic-booking 1.8.2 answers later than 1.8.1: that, and the stage to blame, is found."""
    monkeypatch.chdir(ROOT)
    ran = run("compare", "sample_logs", "--split", "agent_version=1.8.1:1.8.2", "--json")
    found = findings(ran)
    assert found["eou_latency_ms p50"] == found["llm_ttft_ms p50"] == "worse"
    assert {name for name, finding in found.items() if finding in FOUND} <= {
        f"{metric} {statistic}"
        for metric in ("eou_latency_ms", "llm_ttft_ms", "llm_latency_ms")
        for statistic in ("avg", "p50", "p95")
    }


@pytest.mark.parametrize("agent", ["parcel-delivery", "delivery"])
def test_unchanged_agents_of_the_sample_logs_are_not_found(monkeypatch: pytest.MonkeyPatch, agent: str) -> None:
    """Agents with one version, split in two by time, differ in nothing that can be told from chance."""
    monkeypatch.chdir(ROOT)
    ran = run("compare", "sample_logs", "--agent", agent, "--split-at", "2026-11-04", "--json")
    if ran.code == ExitCode.NO_DATA:
        assert "no call is on this side" in ran.err
    else:
        assert not FOUND & set(findings(ran).values())


def test_a_difference_has_everything(slower: tuple[str, str]) -> None:
    """Both figures, the change with an interval that excludes none, the effect's size, and p."""
    ran = run("compare", *slower, "--json")
    assert ran.code == ExitCode.OK
    (p50,) = (
        each for each in ran.json["differences"] if (each["metric"], each["statistic"]) == ("eou_latency_ms", "p50")
    )
    assert p50["finding"] == "worse"
    assert p50["change"] == pytest.approx(p50["new"]["value"] / p50["base"]["value"] - 1)
    assert 0 < p50["interval"]["low"] < p50["change"] < p50["interval"]["high"]
    assert p50["interval"]["level"] > 0.95
    assert 0.6 < p50["superiority"] < 1
    assert p50["p"] < 1e-6
    assert (p50["base"]["n"], p50["base"]["calls"], p50["calls_needed"]) == (720, 120, None)


def test_equals_are_left_alone(same: tuple[str, str]) -> None:
    """Between equals nothing is found, the sign for it is ~, and the correction is named."""
    ran = run("compare", *same)
    assert ran.code == ExitCode.OK
    rows = [line for line in ran.out.splitlines() if "ms " in line or " rate " in line]
    assert rows
    assert all("  ~ " in line for line in rows)
    assert "Holm" in ran.out


def test_the_interval_excludes_no_change_exactly_where_something_is_found(slower: tuple[str, str]) -> None:
    """Finding and interval never contradict each other."""
    for each in run("compare", *slower, "--json").json["differences"]:
        if each["interval"]:
            includes = each["interval"]["low"] <= 0 <= each["interval"]["high"]
            assert includes == (each["finding"] == "unclear")


def test_small_samples_are_told_how_many_calls_they_need(tmp_path: Path) -> None:
    """A sample that could not show a change of 10 % says how many calls could; it is not taken for no change."""
    base, new = (log_of(tmp_path / version, release(version, 12)) for version in "12")
    ran = run("compare", base, new, "--metric", "eou_latency_ms", "--metric", "eou_latency_ms p99")
    assert ran.out.count("need about") == 4
    needed = {
        each["statistic"]: each
        for each in run("compare", base, new, "--metric", "eou_latency_ms", "--json").json["differences"]
    }
    assert needed["p95"]["finding"] == "too_few"
    assert needed["p50"]["finding"] == "unclear"
    assert 12 < needed["avg"]["calls_needed"] < needed["p50"]["calls_needed"] < 1000


def test_the_calls_that_are_said_to_be_needed_do(tmp_path: Path) -> None:
    """With about as many calls, a change of 10 % is found."""
    base, new = (log_of(tmp_path / version, release(version, 40)) for version in "12")
    (avg,) = run("compare", base, new, "--metric", "eou_latency_ms avg", "--json").json["differences"]
    calls = avg["calls_needed"]
    assert calls
    more = [
        log_of(tmp_path / f"{version} more", release(version, calls, slower=slower, seed=9))
        for version, slower in (("1", 1.0), ("2", 1.1))
    ]
    (avg,) = run("compare", *more, "--metric", "eou_latency_ms avg", "--json").json["differences"]
    assert avg["finding"] == "worse"


def test_splits_give_what_two_paths_give(tmp_path: Path, slower: tuple[str, str]) -> None:
    """By version, or by two paths: the same calls on either side give the same figures and intervals."""
    both = log_of(tmp_path / "both", release("1") + release("2", slower=1.3))
    by_path = run("compare", *slower, "--json").json["differences"]
    assert run("compare", both, "--split", "agent_version=1:2", "--json").json["differences"] == by_path


def test_time_splits_calls_by_their_start(tmp_path: Path) -> None:
    """--split-at puts what started earlier into BASE; a date is its first moment in the zone."""
    both = log_of(tmp_path / "both", release("1"))
    ran = run("compare", both, "--split-at", "2026-11-04", "--json")
    assert (ran.json["base"]["calls"], ran.json["new"]["calls"]) == (48, 72)
    late = run("compare", both, "--split-at", "2026-11-04T12:00", "--tz", "Asia/Tokyo", "--json")
    assert late.json["base"]["calls"] == 48


def test_hours_are_split_though_they_have_colons(tmp_path: Path) -> None:
    """Calls of one hour against those of another, in UTC and in a zone; an hour without calls is named whole."""
    both = log_of(tmp_path / "both", release("1"))
    known = run("calls", both, "--by", "hour", "--json").json
    first, last = known[0]["hour"], known[-1]["hour"]
    ran = run("compare", both, "--split", f"hour={first}:{last}", "--json")
    assert (ran.json["base"]["name"], ran.json["new"]["name"]) == (f"hour {first}", f"hour {last}")
    assert ran.json["base"]["calls"] == sum(call["hour"] == first for call in known)
    tokyo = run("calls", both, "--by", "hour", "--tz", "Asia/Tokyo", "--json").json
    first, last = tokyo[0]["hour"], tokyo[-1]["hour"]
    ran = run("compare", both, "--split", f"hour={first}:{last}", "--tz", "Asia/Tokyo", "--json")
    assert (ran.code, ran.json["new"]["name"]) == (ExitCode.OK, f"hour {last}")
    ran = run("compare", both, "--split", f"hour={first}:2030-01-01T00:00+09:00", "--tz", "Asia/Tokyo")
    assert (ran.code, ran.err.count("\n")) == (ExitCode.NO_DATA, 1)
    assert "no call has hour '2030-01-01T00:00+09:00'" in ran.err


@pytest.mark.parametrize(
    ("fail_on", "code"),
    [
        ("eou_latency_ms p95 +10%", ExitCode.LIMIT_BROKEN),
        ("eou_latency_ms avg +50ms", ExitCode.LIMIT_BROKEN),
        ("eou_latency_ms p95 +60%", ExitCode.OK),
        ("eou_latency_ms p95 -5%", ExitCode.OK),
        ("eou_latency_ms p99 +10%", ExitCode.NO_DATA),
        ("success_rate -5pt", ExitCode.LIMIT_BROKEN),
        ("success_rate -10%", ExitCode.LIMIT_BROKEN),
        ("outcome.fail +40pt", ExitCode.OK),
        ("realtime_ttfb_ms p50 +10%", ExitCode.NO_DATA),
    ],
)
def test_only_a_change_surely_past_the_limit_fails(releases: dict[str, str], fail_on: str, code: ExitCode) -> None:
    """The whole interval has to be past the limit; what cannot be judged is no pass."""
    ran = run("compare", releases["base"], releases["worse"], "--metric", "eou_latency_ms avg", "--fail-on", fail_on)
    assert ran.code == code


def test_a_change_past_the_limit_by_chance_does_not_fail(tmp_path: Path) -> None:
    """Where the figure is past the limit and the interval is not, the job passes and says that it is not certain."""
    base, new = log_of(tmp_path / "base", release("1", 40)), log_of(tmp_path / "new", release("2", 40, slower=1.1))
    ran = run("compare", base, new, "--fail-on", "eou_latency_ms avg +3%", "--json")
    (change,) = ran.json["fail_on"]
    assert change["change"] > 0.03 > change["interval"]["low"]
    assert (ran.code, change["result"], change["certain"]) == (ExitCode.OK, "passed", False)
    assert "not certain" in run("compare", base, new, "--fail-on", "eou_latency_ms avg +3%").out


def test_several_limits_share_the_promise(slower: tuple[str, str]) -> None:
    """The more changes are held to limits, the wider the interval of each."""
    one = run("compare", *slower, "--fail-on", "eou_latency_ms avg +10%", "--json").json["fail_on"][0]
    two = run(
        "compare", *slower, "--fail-on", "eou_latency_ms avg +10%", "--fail-on", "cost per_call +10%", "--json"
    ).json["fail_on"][0]
    assert two["interval"]["low"] < one["interval"]["low"]
    assert (one["interval"]["level"], two["interval"]["level"]) == (0.95, 0.975)


def test_seeds_decide_every_digit(same: tuple[str, str]) -> None:
    """The same seed gives the same answer to the last digit, another one another."""
    first, again, other = (run("compare", *same, "--json", "--seed", seed).out for seed in (0, 0, 1))
    assert first == again != other


@pytest.mark.parametrize("more", [(), ("--fail-on", "eou_latency_ms p95 +10%", "--fail-on", "eou_latency_ms p99 +10%")])
def test_json_keeps_to_its_schema_of_comparisons(slower: tuple[str, str], more: tuple[str, ...]) -> None:
    """What --json writes is what the schema says."""
    ran = run("compare", *slower, *more, "--json")
    Draft202012Validator(find_report("compare").schema()).validate(ran.json)
    assert ran.json["exit_code"] == ran.code


def test_markdown_is_a_comment_for_a_pull_request(slower: tuple[str, str]) -> None:
    """Both tables come as Markdown, every row whole."""
    ran = run("compare", *slower, "--fail-on", "eou_latency_ms p95 +10%", "--format", "md")
    tables = [line for line in ran.out.splitlines() if line.startswith("|")]
    assert tables[0].startswith("| metric | BASE | NEW | change | interval |")
    assert any(line.startswith("| FAIL | eou\\_latency\\_ms p95 +10% |") for line in tables)


def test_junit_has_a_case_per_limit(slower: tuple[str, str]) -> None:
    """Each --fail-on is a test case, and the XML is valid."""
    limits = (
        "--fail-on",
        "eou_latency_ms p95 +10%",
        "--fail-on",
        "cost per_call +10%",
        "--fail-on",
        "realtime_ttfb_ms p50 +1%",
    )
    run("compare", *slower, *limits, "--junit", "junit.xml")
    xmlschema.XMLSchema(str(ROOT / "tests" / "support" / "junit.xsd")).validate("junit.xml")
    problems = [[child.tag for child in case] for case in ET.parse("junit.xml").getroot()[0].findall("testcase")]
    assert problems == [["failure"], [], ["error"]]


MISTAKES: list[tuple[list[str], int, str]] = [
    ([], ExitCode.USAGE, "name two logs, BASE and NEW"),
    (["base"], ExitCode.USAGE, "--split agent_version=1.8.1:1.8.2"),
    (["base", "--split", "agent_version=1"], ExitCode.USAGE, "write it as agent_version=1.8.1:1.8.2"),
    (["base", "--split", "agent_versoin=1:2"], ExitCode.USAGE, "did you mean agent_version?"),
    (["base", "--split", "agent_version=1:3"], ExitCode.NO_DATA, "no call has agent_version '3'; there are 1"),
    (["base", "--split-at", "2030-01-01"], ExitCode.NO_DATA, "no call is on this side"),
    (["base", "--split-at", "someday"], ExitCode.USAGE, "is no date or time"),
    (["base", "new", "--metric", "eou_latency"], ExitCode.USAGE, "did you mean eou_latency_ms?"),
    (["base", "new", "--fail-on", "eou_latency_ms p95"], ExitCode.USAGE, "write metric, statistic and change"),
    (["base", "nowhere"], ExitCode.NO_DATA, "nowhere"),
]


@pytest.mark.parametrize(("args", "code", "message"), MISTAKES)
def test_mistakes_are_one_line(same: tuple[str, str], args: list[str], code: int, message: str) -> None:
    """What cannot be compared is answered with one line that says what to write."""
    paths = dict(zip(("base", "new"), same, strict=True))
    ran = run("compare", *(paths.get(arg, arg) for arg in args))
    assert (ran.code, ran.out) == (code, "")
    assert message in ran.err
    assert ran.err.count("\n") == 1


def test_csv_has_exact_numbers(slower: tuple[str, str]) -> None:
    """A row per measure, with the numbers that JSON has."""
    rows = csv.DictReader(io.StringIO(run("compare", *slower, "--format", "csv").out))
    differences = run("compare", *slower, "--json").json["differences"]
    assert [float(row["change"]) for row in rows if row["change"]] == [
        each["change"] for each in differences if each["change"] is not None
    ]
