"""docs/ci.md says what the commands do."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from support.command import run
from support.example_logs.gate_logs import calls, log_of
from voicetel.errors import ExitCode
from voicetel.gate.metrics import METRICS, METRICS_WITH_PARTS, find_metric
from voicetel.gate.slo import parse_slo

PAGE = (Path(__file__).parents[3] / "docs" / "ci.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    """The code blocks of the page in a language."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_every_metric_is_there() -> None:
    """The table has a row per metric with all of its statistics."""
    rows = {row.split("`")[1]: row for row in PAGE.splitlines() if row.startswith("| `")}
    assert set(rows) == set(METRICS)
    for name, metric in METRICS.items():
        assert rows[name].split("|")[2].replace("*", "").strip() == ", ".join(metric.statistics)


def test_the_metrics_of_one_thing_that_it_names_are_taken() -> None:
    """``NAME`` stands for a tool, model or state; a metric that has none is not said to have one."""
    named = set(re.findall(r"`([a-z_]+)\.NAME`", PAGE)) - {"tag"}
    assert named == set(METRICS_WITH_PARTS)
    assert all(find_metric(f"{name}.book").part == "book" for name in named)


def test_the_limits_of_the_page_can_be_read() -> None:
    """Each example is a file that check takes."""
    whole, costs = (parse_slo(text, source="docs/ci.md") for text in blocks("toml"))
    first, second = whole
    assert (str(first.measure), first.min_calls, second.level) == ("eou_latency_ms p95", 20, "warn")
    assert [str(limit.measure) for limit in costs] == ["cost per_success"]


@pytest.mark.parametrize("line", [line.split("#")[0].strip() for line in blocks("sh")[0].splitlines()])
def test_the_commands_of_the_page_run(tmp_path: Path, line: str) -> None:
    """Every command line does what it says with logs in the places that it names."""
    events = calls(30, agent_version="1.8.1") + calls(30, first=100, agent_version="1.8.2")
    for name in ("logs", "base", "new"):
        log_of(tmp_path / name, events)
    Path("slo.toml").write_text('[[limit]]\nmetric = "eou_latency_ms"\nexpect = "p95 < 9000"\n', encoding="utf-8")
    program, *args = shlex.split(line)
    ran = run(*args)
    assert (program, ran.code) == ("voicetel", ExitCode.OK)
    written = [*args[args.index("-o") + 1 :][:1]] if "-o" in args else []
    assert [line.partition(":")[0] for line in ran.err.splitlines()] == written


@pytest.mark.parametrize("name", ["check", "compare"])
def test_schemas_are_published(name: str) -> None:
    """`voicetel schema` prints what the page refers to."""
    assert run("schema", name).json["title"] == f"voicetel {name}"
