"""``voicetel validate`` and values that are read as unknown."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

GOOD = {"v": 1, "event": "call_ended", "ts": "2026-11-02T09:00:00Z", "call_id": "c"}


def validate(log: Path, *options: str) -> tuple[int, str]:
    """(exit status, stdout)."""
    done = subprocess.run(
        [sys.executable, "-m", "voicetel", "validate", "--no-cache", str(log), *options],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_a_value_of_the_wrong_type_is_listed_with_its_field(tmp_path: Path) -> None:
    """The line counts, so --strict is content; the value is named by file, line and field."""
    log = tmp_path / "a.jsonl"
    log.write_text(json.dumps(GOOD) + "\n" + json.dumps(GOOD | {"duration_s": "long", "sip_status": 42}) + "\n")
    status, text = validate(log, "--strict")
    assert status == 0
    assert [line.split(": ", 2)[:2] for line in text.splitlines()[:-1]] == [[f"{log}:2", "unknown value"]] * 2
    assert "duration_s" in text
    assert "sip_status" in text


def test_json_lists_values_beside_lines(tmp_path: Path) -> None:
    """A refused line has a byte, a value has none."""
    log = tmp_path / "a.jsonl"
    log.write_text("{torn\n" + json.dumps(GOOD | {"sentiment": 7}) + "\n")
    _, text = validate(log, "--json")
    findings = json.loads(text)["findings"]
    assert [(each["line"], each["verdict"], each["byte_offset"]) for each in findings] == [
        (1, "refused", 0),
        (2, "unknown value", None),
    ]


def test_a_comma_too_many_hides_no_value(tmp_path: Path) -> None:
    """The reader takes such a line, and so does the judgement on its values."""
    log = tmp_path / "a.jsonl"
    log.write_text(json.dumps(GOOD | {"duration_s": "60"})[:-1] + ",}\n")
    status, text = validate(log)
    assert status == 0
    assert text.splitlines()[0] == f"{log}:1: unknown value: duration_s is a text, not a number"
