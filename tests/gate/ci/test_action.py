"""action.yml: its scripts run as GitHub would run them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.example_logs.gate_logs import calls, limit, log_of

ROOT = Path(__file__).parents[3]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS: dict[str, Any] = {step["name"]: step for step in ACTION["runs"]["steps"]}


@pytest.fixture
def runner(tmp_path: Path) -> Path:
    """A runner's temporary folder in which this voicetel is installed."""
    programs = tmp_path / "runner" / "voicetel" / "bin"
    programs.mkdir(parents=True)
    program = programs / "voicetel"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m voicetel "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    return tmp_path / "runner"


def step(name: str, runner: Path, **inputs: str) -> tuple[int, dict[str, str]]:
    """Run a step's script with its environment; (exit status, the outputs that it set)."""
    environment = dict.fromkeys(STEPS[name].get("env", {}), "") | inputs
    output = runner / "output"
    output.write_text("", encoding="utf-8")
    ran = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", STEPS[name]["run"]],
        env={
            **os.environ,
            "RUNNER_TEMP": str(runner),
            "GITHUB_OUTPUT": str(output),
            "PYTHONPATH": str(ROOT),
            **environment,
        },
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    lines = output.read_text("utf-8").splitlines()
    return ran.returncode, dict(line.split("=", 1) for line in lines)


def test_inputs_reach_scripts_only_as_variables() -> None:
    """No expression of GitHub's stands in a script, where an input could become a command."""
    assert all("${{" not in each["run"] for each in STEPS.values())
    named = {
        name
        for each in STEPS.values()
        for value in each["env"].values()
        for name in ACTION["inputs"]
        if f"inputs.{name} " in value
    }
    assert named == set(ACTION["inputs"])


def test_a_job_checks_compares_and_fails_last(tmp_path: Path, runner: Path) -> None:
    """Both steps run whatever the first one finds, write their files, and the job ends with the first bad status."""
    base, new = log_of(tmp_path / "base logs", calls(30, 600)), log_of(tmp_path / "new", calls(30, 1200))
    slo = tmp_path / "slo.toml"
    slo.write_text(limit("eou_latency_ms", "p50 < 900"), encoding="utf-8")
    files = {"JUNIT": str(tmp_path / "junit"), "COMMENT": str(tmp_path / "comment.md")}
    code, checked = step("Check limits", runner, LOGS=f"{new}\n", SLO=str(slo), **files)
    assert (code, checked) == (0, {"status": "3"})
    change = "eou_latency_ms p50 +10%\n\ncost per_call +10%\n"
    code, compared = step("Compare releases", runner, BASE=base, NEW=new, FAIL_ON=change, **files)
    assert (code, compared) == (0, {"status": "3"})
    assert sorted(path.name for path in (tmp_path / "junit").iterdir()) == [
        "voicetel-check.xml",
        "voicetel-compare.xml",
    ]
    comment = (tmp_path / "comment.md").read_text("utf-8")
    assert "| FAIL | eou\\_latency\\_ms p50 |" in comment
    assert "| FAIL | eou\\_latency\\_ms p50 +10% |" in comment


@pytest.mark.parametrize(
    ("check", "compare", "code"), [("0", "0", 0), ("", "", 0), ("3", "", 3), ("0", "4", 4), ("4", "3", 4)]
)
def test_the_job_has_the_first_bad_status(runner: Path, check: str, compare: str, code: int) -> None:
    """What was skipped counts for nothing."""
    assert step("Pass or fail", runner, CHECK=check, COMPARE=compare)[0] == code


def test_hooks_name_commands_that_there_are(tmp_path: Path) -> None:
    """The pre-commit hook refuses a log with a torn line and lets a good one pass."""
    hooks = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))}
    good = Path(log_of(tmp_path / "good", calls(2))) / "calls.jsonl"
    torn = tmp_path / "torn.jsonl"
    torn.write_bytes(good.read_bytes() + b'{"v":1,"event":"tu\n')
    entry = hooks["voicetel-validate"]["entry"].split()
    assert entry[0] == "voicetel"
    codes = [
        subprocess.run(
            [sys.executable, "-m", "voicetel", *entry[1:], str(path)], check=False, capture_output=True, timeout=60
        ).returncode
        for path in (good, torn)
    ]
    assert codes == [0, 5]
