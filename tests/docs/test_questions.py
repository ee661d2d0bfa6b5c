"""Every command of docs/questions.md answers its question, over a log whose answers are known."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support.logs import Event, write_log

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).resolve().parents[2] / "docs" / "questions.md"
COMMANDS = re.findall(r"```bash\n(voicetel [^\n]+)\n```", PAGE.read_text("utf-8"))

ANSWERS = {
    "analyze logs/ --since": r"Slowest calls[\s\S]*slow-\d[\s\S]*llm 3,\d\d\d ms",
    "compare": r"eou_latency_ms p95[\s\S]*worse",
    "cost": r"groq[\s\S]*per successful call",
    "analyze logs/ --by state_id": r"confirm +\d+ +\d+ +3,",
    "trend logs/ --metric slow_turns": r"slow_turns +calls +n +over_1500",
    "outcomes": r"recall +\d+",
    "campaigns logs/ --contact": r"Connects, of attempts +\d+ +\d+\.\d % +\d+\.\d to \d+[\s\S]*Cost per success[\s\S]*recall +24 +144 +5\.00 +20 +83\.3 %",
    "campaigns logs/ --by": r"answered of attempts[\s\S]*00 +recall +\d+",
    "dropoff": r"ask +\d+ +\d+ +1 +1 ",
    "tools": r"book +5 +1 +5 +100\.0 %",
    "interruptions": r"Cut short by the caller +3 ",
    "analyze logs/ --by stage,model": r"llm +big +\d+ +llm_ttft_ms +\d+ +[\d,]+ +[\d,]+",
    "call": r"c-long[\s\S]*interrupted",
    "calls": r"c-long",
    "trend logs/ --metric eou": r"eou_latency_ms p95",
}
"""How a command begins → what its answer has, as a pattern."""


def call(
    call_id: str, begin: datetime, *turns: dict[str, Any], ended: dict[str, Any], **started: Any
) -> Iterator[Event]:
    """A call whose turns follow each other by ten seconds."""

    def line(second: float, **fields: Any) -> Event:
        ts = (begin + timedelta(seconds=second)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {"v": 1, "call_id": call_id, "ts": ts, **fields}

    yield line(0, event="call_started", agent_name="clinic", direction="outbound", **started)
    for number, turn in enumerate(turns, start=1):
        yield line(10 * number, event="turn", turn=number, **turn)
    yield line(10 * len(turns) + 10, event="call_ended", **ended)


def turn(response_ms: int, *, state: str = "ask", model: str = "small", interrupted: bool = False) -> dict[str, Any]:
    """A turn of which the LLM takes all but 300 ms."""
    llm = {"stage": "llm", "provider": "groq", "model": model, "start_ms": 1300, "duration_ms": response_ms - 300}
    usage = {"ttfb_ms": response_ms - 400, "input_tokens": 900, "output_tokens": 40}
    return {
        "state_id": state,
        "user": {"text": "Yes.", "start_ms": 0, "end_ms": 1000},
        "agent": {
            "text": "Fine.",
            "start_ms": 1000 + response_ms,
            "end_ms": 3000 + response_ms,
            "interrupted": interrupted,
        },
        "operations": [{**llm, **usage}],
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with logs/: calls of two releases on each of three days, up to today, the later of them slower."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    events: list[Event] = []
    for ago in range(3):
        day = today - timedelta(days=ago)
        for number in range(48):
            version, slower = ("1.8.2", 700) if number % 2 else ("1.8.1", 0)
            ended = {"duration_s": 40, "outcome": "voicemail" if number % 6 == 0 else "success"}
            turns = (turn(600 + slower + 7 * number), turn(650 + slower + 5 * number), turn(700 + slower))
            begin = day + timedelta(minutes=29 * number)
            logged = {"campaign": "recall", "agent_version": version, "tags": {"contact": f"+4930{number % 24}"}}
            events += call(f"c-{ago}-{number}", begin, *turns, ended=ended, **logged)
        slow = (turn(700), turn(3600, state="confirm", model="big"))
        events += call(f"slow-{ago}", day, *slow, ended={"duration_s": 30, "outcome": "success"})
    long = [turn(800, interrupted=number < 3) for number in range(5)]
    failed = {"stage": "tool", "name": "book", "start_ms": 1310, "duration_ms": 100, "status": "error"}
    for each in long:
        each["operations"].append(failed)
    ended = {"duration_s": 240, "outcome": "fail", "end_reason": "caller_hangup"}
    events += call("c-long", today - timedelta(hours=5), *long, ended=ended)
    found = tmp_path_factory.mktemp("questions")
    write_log(found / "logs" / "calls.jsonl", events)
    return found


@pytest.mark.parametrize("command", COMMANDS)
def test_answers(folder: Path, command: str) -> None:
    """Exit 0, nothing to complain of, and the answer."""
    _, *arguments = shlex.split(command)
    done = subprocess.run(
        [sys.executable, "-m", "voicetel", *arguments],
        cwd=folder,
        env={"PATH": "", "XDG_CACHE_HOME": str(folder / "cache"), "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    words = " ".join(arguments)
    (pattern,) = (
        answer
        for begin, answer in ANSWERS.items()
        if f"{words} ".startswith(f"{begin} " if " " not in begin else begin)
    )
    assert re.search(pattern, done.stdout), done.stdout


def test_every_question_has_one_command() -> None:
    """Fifteen of them, each with its answer above."""
    assert len(re.findall(r"(?m)^## .*\?$", PAGE.read_text("utf-8"))) == len(COMMANDS) == len(ANSWERS) == 15
