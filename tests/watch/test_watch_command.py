"""``voicetel watch``: the screen, the lines for alerts, and how it ends."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import termios
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from rich.cells import cell_len

from support.command import run
from support.example_logs.served_logs import HOSTILE_CALL, SLOW_CALL, served_logs
from support.processes import PATIENCE_S
from voicetel.analyzers.live.results import LimitBroken, LiveFigures, LiveMinute, SlowTurn
from voicetel.registry import find_report
from voicetel.reporters.terminal.live import Screen, live_screen

if TYPE_CHECKING:
    from pathlib import Path

AT = datetime(2026, 11, 2, 22, 38, 46)  # noqa: DTZ001  UTC without a zone, as analyzers have it

FIGURES = LiveFigures(
    at=AT,
    minutes=15,
    calls=345,
    turns=2290,
    eou_latency_ms_n=1840,
    eou_latency_ms_p50=864.2,
    eou_latency_ms_p95=1821.5,
    eou_latency_ms_max=4717,
    slow_ms=1500,
    slow_turns=191,
    endpointing_ms_n=1800,
    endpointing_ms_p95=526,
    stt_ttfb_ms_n=1800,
    stt_ttfb_ms_p95=333,
    llm_ttft_ms_n=1800,
    llm_ttft_ms_p95=633,
    tts_ttfb_ms_n=1800,
    tts_ttfb_ms_p95=315,
    realtime_ttfb_ms_n=0,
    realtime_ttfb_ms_p95=None,
    agent_turns=2185,
    interruptions=81,
    interruption_rate=81 / 2185,
    active_calls=61,
    ended_calls=284,
    outcomes={"fail": 38, "success": 233, "unknown": 13},
    currency="USD",
    cost_total=Decimal("12.5"),
    cost_per_minute=Decimal("0.0414"),
    coverage=0.92,
    refused_lines=3,
    by_minute=(LiveMinute(5, 3, 700, 900), LiveMinute(1, 9, 800, 2016), LiveMinute(0, 4, 800, 1010)),
    slow=tuple(
        SlowTurn(AT, f"c-{number}{HOSTILE_CALL if number == 1 else ''}", number, 2385.4, 207, 146, 201, 224, None, 12)
        for number in range(10)
    ),
    broken_limits=(),
    warnings=(),
)

SHOWN_80 = """\
voicetel watch logs/                                  last 15 min · 22:38:46 UTC

Response p50 / p95  over 1,500 ms  active calls  caller broke in  cost a minute
864 / 1,822 ms      10.4 %         61            3.7 %            0.0414 USD
n 1,840, max 4,717  191 of 1,840   284 ended     81 of 2,185      92.0 % priced

p95 by minute  ·········▄···█▅  0 to 2,016 ms, newest right
p95 by stage   end of turn 526  STT 333  LLM 633  TTS 315
ended          success 233  fail 38  unknown 13

slow at   call                               turn     ms  eot  stt  llm  tts  gap
22:38:46  c-0                                   0  2,385  207  146  201  224   12
"""


def shown(figures: LiveFigures, width: int, height: int = 24) -> list[str]:
    """The lines of a screen."""
    return [line.plain.rstrip() for line in live_screen(figures, Screen(width, height, "logs/", notes=("q quits",)))]


def test_the_screen() -> None:
    """As it was when somebody last looked at it."""
    lines = shown(FIGURES, 80)
    expected = [re.sub(r" {3,}(?=turn|0  2)", "   ", line) for line in SHOWN_80.splitlines()]
    assert [re.sub(r" {3,}(?=turn|0  2)", "   ", line) for line in lines[: len(expected)]] == expected
    assert lines[-1] == "q quits · 3 lines refused"
    assert "\u202e" not in "".join(lines)


def test_minutes_without_room_of_their_own_are_taken_together() -> None:
    """A block of several minutes is as high as the highest of them, and the line says of how many; none is left out."""
    minutes = (LiveMinute(5999, 1, 1000, 1000), LiveMinute(600, 1, 500, 500), LiveMinute(1, 1, 100, 100))
    lines = shown(replace(FIGURES, minutes=6000, by_minute=(*minutes, LiveMinute(0, 1, 400, 400))), 80)
    (line,) = [line for line in lines if line.startswith("p95 by minute")]
    # 80 − 15 − 41 characters leave room for 24 blocks of 250 minutes: 5999 // 250 is 23, 600 // 250 is 2, 1 // 250 is 0.
    assert line == "p95 by minute  █····················▄·▄  0 to 1,000 ms, highest of each 250 min"


@pytest.mark.parametrize("width", [20, 60, 80, 140, 300])
@pytest.mark.parametrize("height", [5, 12, 24, 60])
def test_no_screen_is_overrun(width: int, height: int) -> None:
    """Whatever its size; from 60 columns on no number is cut."""
    warned = replace(FIGURES, warnings=("x" * 500,), realtime_ttfb_ms_n=3, realtime_ttfb_ms_p95=900.0)
    lines = shown(warned, width, height)
    assert len(lines) <= height
    assert max(map(cell_len, lines)) <= width
    if width >= 60 and height >= 24:
        text = "\n".join(lines)
        for figure in ("864 / 1,822 ms", "0.0414 USD", "92.0 % priced", "realtime 900", "2,385", "q quits"):
            assert figure in text


def test_a_quiet_screen() -> None:
    """What is not known is n/a."""
    none: dict[str, Any] = {
        **dict.fromkeys(("turns", "eou_latency_ms_n", "slow_turns", "ended_calls", "refused_lines"), 0),
        **dict.fromkeys(
            ("eou_latency_ms_p50", "eou_latency_ms_p95", "eou_latency_ms_max", "cost_per_minute", "coverage")
        ),
        **{f"{stage}_n": 0 for stage in ("endpointing_ms", "stt_ttfb_ms", "llm_ttft_ms", "tts_ttfb_ms")},
        "outcomes": {},
        "by_minute": (),
        "slow": (),
    }
    quiet = replace(FIGURES, **none)
    text = "\n".join(shown(quiet, 80))
    for piece in (
        "n/a / n/a ms",
        "no call ended",
        "p95 by stage   n/a",
        "ended          no call",
        "no turn over 1,500 ms",
    ):
        assert piece in text


def test_broken_limits_stand_below() -> None:
    """With the figure and the bound."""
    broken = LimitBroken(None, "eou_latency_ms", "p95", "<", 1500.0, 1821.5, "fail")
    lines = shown(replace(FIGURES, broken_limits=(broken,)), 80)
    assert lines[-2] == "! eou_latency_ms p95: 1821.5 is not < 1500.0"


def slow_is_five_seconds(folder: Path) -> Path:
    """Limits by which one call is slow."""
    file = folder / "slow.toml"
    file.write_text('[[limit]]\nmetric = "eou_latency_ms"\nexpect = "p95 < 5s"\n')
    return file


def test_lines_for_alerts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One a look, as the schema says; it ends with Ctrl-C."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    where = served_logs(tmp_path / "logs")
    options = ["--slo", str(slow_is_five_seconds(tmp_path)), "--at-newest", "--minutes", "5000", "--json"]
    ran = run("watch", where, *options, "--once")
    assert (ran.code, ran.err) == (0, "")
    once = json.loads(ran.out)
    Draft202012Validator(find_report("watch").schema()).validate(once)
    assert once["slow"][0]["call_id"] == SLOW_CALL
    with subprocess.Popen(
        [sys.executable, "-m", "voicetel", "watch", where, *options, "--every", "0.2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert [json.loads(process.stdout.readline()) for _ in range(3)] == [once] * 3
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_S) == 130
        assert process.stderr.read() == ""


def test_a_person_ends_it_with_q(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The terminal is as it was before."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    where = served_logs(tmp_path / "logs")
    command = [sys.executable, "-m", "voicetel", "watch", where, "--at-newest", "--minutes", "5000"]
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    before = termios.tcgetattr(ours)
    environment = {**os.environ, "TERM": "xterm"}
    environment.pop("COLUMNS", None)
    with subprocess.Popen(
        [*command, "--slo", str(slow_is_five_seconds(tmp_path))],
        stdin=theirs,
        stdout=theirs,
        stderr=subprocess.PIPE,
        env=environment,
    ) as process:
        os.close(theirs)  # so that reading ends when the command does
        written = b""
        while b"q quits" not in written:
            written += os.read(ours, 65536)
        os.write(ours, b"q")
        while b"\x1b[?1049l" not in written:
            written += os.read(ours, 65536)
        assert process.wait(PATIENCE_S) == 0
        assert process.stderr is not None
        assert process.stderr.read() == b""
    assert termios.tcgetattr(ours) == before
    os.close(ours)
    assert b"\x1b[?1049h" in written
    assert SLOW_CALL.encode() in written


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["nowhere"], "nowhere: no such file or directory"),
        (["-"], "logs are not read from stdin here"),
        (["--tz", "Mars", "."], "no time zone is called 'Mars'"),
        ([".", "--minutes", "0"], "invalid value for '--minutes'"),
    ],
)
def test_what_cannot_be_watched(
    options: list[str], reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line each."""
    monkeypatch.chdir(tmp_path)
    ran = run("watch", *options)
    assert ran.code in {2, 4}
    assert reason in ran.err
    assert ran.err.count("\n") == 1
