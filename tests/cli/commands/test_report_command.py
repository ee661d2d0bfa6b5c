"""``voicetel report``: where it writes, as what, and what it refuses."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from support.command import run
from support.example_logs.served_logs import served_logs
from support.logs import write_log
from support.processes import run_on_terminal

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One call, in a folder without limits."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("VOICETEL_PRICING", raising=False)
    line = {"v": 1, "event": "turn", "ts": "2026-11-02T09:00:00.000Z", "call_id": "a", "turn": 1, "eou_latency_ms": 700}
    return write_log(tmp_path / "logs" / "calls.jsonl", [line]).parent


def test_in_a_pipe_it_is_stdout_and_on_a_terminal_a_file(logs: Path, tmp_path: Path) -> None:
    """Nobody wants a page on a screen of text; what was written is said."""
    piped = run("report", logs, "--no-cache")
    assert (piped.code, piped.err) == (0, "")
    assert piped.out.startswith("<!DOCTYPE html>\n")
    code, text = run_on_terminal(("report", str(logs), "--no-cache"), 80, {"NO_COLOR": "1"})
    assert code == 0
    assert "<html" not in text
    assert (tmp_path / "report.html").read_text("utf-8").startswith("<!DOCTYPE html>\n")


def test_limits_say_of_which_file_they_are(logs: Path, tmp_path: Path) -> None:
    """At the foot of the page and of the report; where there is no file, nobody speaks of one."""
    said = "Limits are those of slo.toml."
    of_file = "Slow responses are those above the limits of ./slo.toml"
    assert said not in run("report", logs, "--no-cache").out
    assert of_file not in run("analyze", logs, "--no-cache").out
    (tmp_path / "slo.toml").write_text('[[limit]]\nmetric = "eou_latency_ms"\nexpect = "p95 < 900"\n')
    assert said in run("report", logs, "--no-cache").out
    assert of_file in run("analyze", logs, "--no-cache").out
    assert of_file not in run("analyze", logs, "--no-cache", "--slow", "900").out
    assert of_file not in run("analyze", logs, "--no-cache", "--json").out


def test_the_name_of_the_file_says_the_format(logs: Path, tmp_path: Path) -> None:
    """JSON by its suffix; a name without one is a page; - is stdout."""
    assert run("report", logs, "--no-cache", "-o", tmp_path / "a.json").code == 0
    assert (tmp_path / "a.json").read_text("utf-8").startswith('{\n  "schema_version": 1,')
    assert run("report", logs, "--no-cache", "-o", tmp_path / "page").err.startswith(f"{tmp_path / 'page'}: ")
    assert run("report", logs, "--no-cache", "-o", "-").out.startswith("<!DOCTYPE html>\n")
    assert run("report", logs, "--no-cache", "-o", tmp_path / "page.1").code == 0
    assert (tmp_path / "page.1").read_text("utf-8").startswith("<!DOCTYPE html>\n")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("-f", "csv"), "error: this page has no CSV; it is written as html or json\n"),
        (("-f", "jsonl"), "error: only calls are written as JSON lines; "),
        (("-f", "htlm"), "error: no format is called 'htlm'; did you mean html?\n"),
        (("-f", "word"), "error: no format is called 'word'; one of html, json\n"),
        (
            ("-o", "r2.pdf"),
            "error: r2.pdf: no answer is written as pdf; one of html, json, or say which with --format\n",
        ),
        (("-o", "r2.csv"), "error: this page has no CSV; it is written as html or json\n"),
        (("--lang", "de"), "error: no language is called 'de'; "),
        (("--redact",), "error: --redact is about what was said, and without --with-text none of it is on the page\n"),
        (("--by", "model"), "error: cannot group"),
        (("--slo", "missing.toml"), "error: missing.toml"),
    ],
)
def test_what_means_nothing_is_one_line(logs: Path, options: tuple[str, ...], message: str) -> None:
    """Exit 2, and nothing written."""
    ran = run("report", logs, "--no-cache", *options)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(message)
    assert ran.err.count("\n") == 1


def test_nothing_that_is_read_is_written_over(logs: Path) -> None:
    """Neither a log nor the earlier ones that are compared."""
    ran = run("report", logs, "--no-cache", "-f", "html", "-o", logs / "calls.jsonl")
    assert (ran.code, ran.err) == (2, f"error: {logs / 'calls.jsonl'}: is one of the logs; write to another file\n")


def test_every_figure_is_of_the_calls_that_were_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--where narrows every section, --by groups it, --calls and --waterfalls cut the list: each as the other commands say."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("VOICETEL_PRICING")
    logs = served_logs(tmp_path / "logs")
    where = ("--where", "eou_latency_ms_max > 1000 and turns >= 1", "--no-cache")
    found = run("report", logs, "--json", *where, "--by", "agent_version").json
    analysis = run("analyze", logs, "--json", *where, "--by", "agent_version").json
    rows = run("calls", logs, "--json", *where).json
    assert 3 < len(rows) < 82
    assert (found["calls"], found["turns"], found["groups"]) == (len(rows), analysis["turns"], analysis["groups"])
    assert [sum(each["calls"] for each in found[name]) for name in ("days", "directions", "end_reasons")] == [
        len(rows)
    ] * 3
    assert sum(each["n"] for each in found["response"]["by_day"]) == sum(row["eou_latency_ms_n"] for row in rows)
    lines = run("models", logs, "--json", *where).json["lines"]
    assert [{name: each[name] for name in lines[0]} for each in found["models"]] == lines
    assert found["tools"] == run("tools", logs, "--json", *where).json["lines"]
    page = tmp_path / "page.html"
    assert run("report", logs, "-o", page, "--calls", "3", "--waterfalls", "2", *where).code == 0
    slowest = sorted(rows, key=lambda row: (-row["eou_latency_ms_max"], row["started_at"], row["call_id"]))
    assert _data(page, "calls-data")["columns"]["call_id"] == [row["call_id"] for row in slowest[:3]]
    assert len(_data(page, "details-data")) == 2


def _data(page: Path, name: str) -> Any:
    """What the script of a page is given under a name."""
    found = re.search(rf'id="{name}"[^>]*>(.*?)</script>', page.read_text("utf-8"), re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def test_the_turns_of_the_bin_that_the_bound_is_in_are_counted_on_both_sides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """1,480 to 1,628 ms has 1,490, 1,500 and 1,600: of these the last alone is over 1,500; and 40 s are no hour."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("VOICETEL_PRICING", raising=False)
    turns = [
        {
            "v": 1,
            "event": "turn",
            "ts": f"2026-11-02T09:00:{second:02}Z",
            "call_id": "a",
            "turn": second,
            "eou_latency_ms": ms,
        }
        for second, ms in ((10, 300), (20, 1490), (30, 1500), (40, 1600), (45, 1700))
    ]
    ended = {"v": 1, "event": "call_ended", "ts": "2026-11-02T09:00:48Z", "call_id": "a", "duration_s": 40}
    path = write_log(tmp_path / "calls.jsonl", [*turns, ended])
    with path.open("a") as log:
        log.write("no line\n")
    page = run("report", path, "--no-cache").out
    assert "1,480 to 1,628 ms: 3 turns; 1 over 1,500 ms" in page
    assert "1,628 to 1,791 ms: 1 turn<" in page
    assert page.count('class="bar late"') == 2
    assert "1 call · 5 turns · 40 s · 0 incomplete · 1 line refused" in page
