"""Faults are planted where the seed says, and the summary says what a reader must find."""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, get_args

import pytest

from support.example_logs.simulated import bytes_of
from voicetel.events.fields import EVENTS
from voicetel.simulator import FAULTS, simulate
from voicetel.simulator.faults import Effect

if TYPE_CHECKING:
    from pathlib import Path


@dataclass
class Findings:
    """What a plain reader finds: effects of faults, and the events that count, each once."""

    effects: Counter[str] = field(default_factory=Counter)
    events: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)


def read(folder: Path) -> Findings:
    """Read logs by the rules of the format, with the standard library alone."""
    findings = Findings()
    for content in bytes_of(folder).values():
        *lines, rest = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
        findings.effects["pending"] += bool(rest)
        for line in lines:
            read_line(line, findings)
    return findings


def read_line(line: bytes, findings: Findings) -> None:
    """Count one line."""
    try:
        event = json.loads(line)
    except ValueError:
        findings.effects["refused"] += 1
        return
    if not isinstance(event["ts"], str):
        findings.effects["refused"] += 1
    elif event["v"] != 1 or event["event"] not in EVENTS:
        findings.effects["unsupported"] += 1
    elif (event["writer"], event["seq"]) in findings.events:
        findings.effects["counted_once"] += 1
    else:
        findings.events[event["writer"], event["seq"]] = event
        latency = event.get("eou_latency_ms", 0)
        if isinstance(latency, str) or not math.isfinite(latency):
            findings.effects["unknown_value"] += 1
        elif not 0 <= latency <= 60_000:
            findings.effects["impossible_value"] += 1


def test_a_reader_finds_exactly_the_faults_that_were_planted(tmp_path: Path) -> None:
    """With all faults at once, refused, unsupported, repeated, impossible and pending lines are as many as were planted."""
    summary = simulate(tmp_path, calls=1_200, seed=5, workers=1, faults=FAULTS)
    findings = read(tmp_path)
    assert set(summary.faults) == set(FAULTS)
    for effect in ("refused", "unsupported", "counted_once", "unknown_value", "impossible_value", "pending"):
        assert findings.effects[effect] == summary.faults_with(effect) > 0, effect
    counted = Counter(event["event"] for event in findings.events.values())
    assert summary.events == dict(sorted(counted.items()))


@pytest.mark.parametrize("kind", FAULTS)
def test_each_fault_comes_alone(tmp_path: Path, kind: str) -> None:
    """A fault that is asked for alone occurs, no other does, and the reader sees its effect and nothing else."""
    summary = simulate(tmp_path, calls=250, seed=9, workers=1, faults=[kind])
    assert set(summary.faults) == {kind}
    effects = +read(tmp_path).effects
    visible = FAULTS[kind].effect not in {"harmless", "incomplete"}
    assert effects == ({FAULTS[kind].effect: summary.faults[kind]} if visible else {})


def test_every_effect_belongs_to_some_fault() -> None:
    """No effect is promised that no fault has."""
    assert {fault.effect for fault in FAULTS.values()} == set(get_args(Effect))


def test_faults_leave_the_calls_as_they_are(tmp_path: Path) -> None:
    """What a reader gets out of a spoiled log stands in the sound one of the same seed, but for the spoiled values."""
    simulate(tmp_path / "sound", size_bytes=800_000, seed=2, workers=1)
    simulate(tmp_path / "spoiled", size_bytes=800_000, seed=2, workers=1, faults=set(FAULTS) - {"no_end"})
    sound, spoiled = read(tmp_path / "sound").events, read(tmp_path / "spoiled").events
    assert 0.97 * len(sound) < len(spoiled) < len(sound)
    for key, event in spoiled.items():
        expected = sound[key]
        if "eou_latency_ms" in expected:
            event["eou_latency_ms"] = expected["eou_latency_ms"]
        assert event == expected


def test_calls_without_an_end_are_unknown_in_truth(tmp_path: Path) -> None:
    """A call whose end got lost has no call_ended at all, and its outcome counts as unknown."""
    summary = simulate(tmp_path / "spoiled", calls=400, workers=1, faults=["no_end"])
    sound = simulate(tmp_path / "sound", calls=400, workers=1)
    assert summary.calls == sound.calls == 400
    assert summary.events["call_ended"] < sound.events["call_ended"]
    assert summary.outcomes["unknown"] > sound.outcomes["unknown"]


def test_a_byte_order_mark_stands_at_the_start_alone(tmp_path: Path) -> None:
    """Each file begins with one byte order mark, which the summary's bytes include."""
    summary = simulate(tmp_path, calls=30, workers=1, faults=["bom"])
    contents = list(bytes_of(tmp_path).values())
    assert all(content.startswith(b"\xef\xbb\xbf") and content.count(b"\xef\xbb\xbf") == 1 for content in contents)
    assert summary.bytes == sum(map(len, contents))


def test_lines_out_of_order_are_late_but_there(tmp_path: Path) -> None:
    """A line that is held back stands after younger ones; none is missing."""
    simulate(tmp_path, calls=300, days=1, workers=1, faults=["out_of_order"])
    numbers = [json.loads(line)["seq"] for content in bytes_of(tmp_path).values() for line in content.splitlines()]
    assert numbers != sorted(numbers)
    assert sorted(numbers) == list(range(1, len(numbers) + 1))
