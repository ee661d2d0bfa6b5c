"""The exports that docs/import.md names: each is there, and is read."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from support.command import run
from support.imports.imported_calls import FIXTURES
from support.imports.imported_lines import lines_of, turns_of

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "import.md").read_text("utf-8")
COMMANDS = re.findall(r"^    (voicetel import tests/\S+ -o \S+)", PAGE, re.MULTILINE)


def test_every_export_is_named() -> None:
    """A new source brings one with it."""
    named = {Path(shlex.split(command)[2]).name for command in COMMANDS}
    assert named == {folder.name for folder in FIXTURES.iterdir() if folder.is_dir()}


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.split()[2].rpartition("/")[2])
def test_an_export_gives_calls(command: str, tmp_path: Path) -> None:
    """As typed in a clone, but for where the logs go."""
    _, verb, folder, *_ = shlex.split(command)
    assert run(verb, ROOT / folder, "-o", tmp_path / "logs").code == 0
    assert json.loads(run("calls", tmp_path / "logs", "--json", "--no-cache").out)


def test_the_least_that_makes_a_call(tmp_path: Path) -> None:
    """One document: its length, both texts with their times, what the platform charged."""
    (document,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "call.json").write_text(document, "utf-8")
    logs = tmp_path / "logs"
    assert run("import", tmp_path / "call.json", "-o", logs).code == 0
    (call,) = json.loads(run("calls", logs, "--json", "--no-cache").out)
    assert (call["duration_s"], call["turns"], call["end_reason"]) == (20, 2, "caller_hangup")
    assert (call["cost_other"], call["cost_total"]) == ("0.01667", "0.01667")
    greeting, answer = turns_of(logs, call["call_id"])
    assert (greeting["agent"]["text"], answer["user"]["text"]) == ("Good morning.", "Hi.")
    assert greeting["agent"]["end_ms"] - greeting["agent"]["start_ms"] == 1000
    assert answer["user"]["end_ms"] - answer["user"]["start_ms"] == 400
    assert {line["call_id"] for line in lines_of(logs)} == {call["call_id"]}
