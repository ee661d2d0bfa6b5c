"""Annotations and summaries as GitHub Actions takes them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from support.command import run
from support.example_logs.gate_logs import calls, limit, log_of
from voicetel.reporters.ci.github import MAX_SUMMARY_BYTES, Annotation, commands, summary

COMMAND = re.compile(r"::(error|warning) (?:(?:file|line|title)=[^:,\r\n]*,?)+::[^\r\n]*")


def test_what_ends_a_command_is_escaped() -> None:
    """Percent and line ends are escaped in the message, colons and commas in the properties as well."""
    command = Annotation("error", "50%: a,b\n", "p95 < 10% of a:b,\r\nc", "dir,x/slo.toml", 3).command()
    assert command == "::error file=dir%2Cx/slo.toml,line=3,title=50%25%3A a%2Cb%0A::p95 < 10%25 of a:b,\\r\\nc"


@pytest.mark.parametrize(("errors", "warnings"), [(0, 0), (10, 10), (11, 3), (40, 200)])
def test_at_most_ten_of_a_level(errors: int, warnings: int) -> None:
    """GitHub drops what comes after ten; the tenth says how many there would have been."""
    wanted = [Annotation("warning", "w", str(i)) for i in range(warnings)] + [
        Annotation("error", "e", str(i)) for i in range(errors)
    ]
    lines = list(commands(wanted))
    for level, count in (("error", errors), ("warning", warnings)):
        several = [line for line in lines if line.startswith(f"::{level}")]
        assert len(several) == min(count, 10)
        if count > 10:
            assert several[-1].endswith(f"::{count - 9} more, see the summary of the job")


@pytest.mark.parametrize("already", [0, 500_000, MAX_SUMMARY_BYTES - 20, MAX_SUMMARY_BYTES])
def test_summaries_stay_below_a_mebibyte(already: int) -> None:
    """A long summary is cut at a line end and says so; with what stands there already it never is above the limit."""
    added = summary("| ячейка | 1 |\n" * 100_000, already)
    assert already + len(added.encode()) <= MAX_SUMMARY_BYTES
    assert not added or "limited to 1 MiB" in added
    assert summary("short\n", 10) == "short\n"


def test_a_job_gets_annotations_and_a_summary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Annotations stand at the line of their limit, on stderr; the tables are added to the job's summary."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    (tmp_path / "summary.md").write_text("before\n", encoding="utf-8")
    limits = [
        limit("eou_latency_ms", "p50 < 500", name="quick, 100 %: always"),
        limit("eou_latency_ms", "p95 < 900", level="warn"),
        limit("realtime_ttfb_ms", "p50 < 1"),
        limit("eou_latency_ms", "p95 < 5000"),
    ]
    Path("slo.toml").write_text("\n".join(limits), encoding="utf-8")
    ran = run("check", log_of(tmp_path / "logs", calls(30)), "--github", "--json")
    lines = ran.err.splitlines()
    assert [line.split(" ")[0] for line in lines] == ["::error", "::error", "::warning"]
    assert all(COMMAND.fullmatch(line) for line in lines)
    assert lines[0].startswith(
        "::error file=slo.toml,line=1,title=quick%2C 100 %25%3A always::800 ms breaks eou_latency_ms p50 < 500 ms"
    )
    assert "line=11," in lines[1]
    assert ran.json["exit_code"] == 3
    written = (tmp_path / "summary.md").read_text("utf-8")
    assert written.startswith("before\n**slo.toml · 4 limits")
    assert "| FAIL | eou\\_latency\\_ms p50 |" in written


def test_a_comparison_annotates_what_failed(tmp_path: Path) -> None:
    """Each change that is past its limit is an error; without a summary file there is only that."""
    base, new = log_of(tmp_path / "base", calls(40, 600)), log_of(tmp_path / "new", calls(40, 1200))
    ran = run(
        "compare", base, new, "--github", "--fail-on", "eou_latency_ms p50 +10%", "--fail-on", "cost per_call +10%"
    )
    (line,) = ran.err.splitlines()
    assert line.startswith("::error title=eou_latency_ms p50 +10%25::eou_latency_ms p50 changed by +100.0 %25")
