"""How jobs and processes end under a call: in LiveKit's own job process, by its reasons, within its grace."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from support.livekit import job as livekit_job
from support.livekit.ending import end_while_speaking
from support.livekit.job import LONG, logged, run_job
from support.livekit.log import operations
from support.soak import SOAK

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from livekit.agents import JobContext


async def ended_job(
    entrypoint: Callable[[JobContext], Awaitable[None]], folder: Path, *, sigterm: bool = False
) -> dict[str, list[dict[str, Any]]]:
    """What a job left in its log: event → the lines of it.

    On a busy machine LiveKit's own code crashes once in some hundred jobs; then another job is run, three at most.
    """
    for attempt in range(3):
        of_attempt = folder / str(attempt)
        of_attempt.mkdir(parents=True)
        if await run_job(entrypoint, of_attempt, sigterm=sigterm):
            break
    folder = of_attempt
    lines: dict[str, list[dict[str, Any]]] = {"turn": [], "call_ended": []}
    for line in logged(folder):
        lines.setdefault(line["event"], []).append(line)
    return lines


def said_of_end(lines: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """The end of the call as a reader takes it: later lines win, field by field."""
    known: dict[str, Any] = {}
    for line in lines["call_ended"]:
        known |= line
    return known


def check_cut_turn(lines: dict[str, list[dict[str, Any]]], interrupted_by: str) -> None:
    """The turn that the end cut off, with the words that were played and what it used."""
    (turn,) = lines["turn"]
    assert turn["user"]["text"] == livekit_job.LINE
    assert turn["agent"]["interrupted"] is True
    assert turn["agent"]["interrupted_by"] == interrupted_by
    assert 0 < len(turn["agent"].get("text", "x")) < len(LONG)
    assert turn["agent"]["end_ms"] > turn["agent"]["start_ms"]
    # What a request that was still going on would have cost, nobody knows.
    assert [llm["input_tokens"] for llm in operations(turn, "llm")] in ([12], [])


async def test_ends_of_a_job(tmp_path: Path) -> None:
    """A worker's SIGTERM, an entrypoint that raises early or late, a job that shuts itself down: each with its reason."""
    killed, raised, early, over = await asyncio.gather(
        ended_job(livekit_job.answers, tmp_path / "killed", sigterm=True),
        ended_job(livekit_job.raises, tmp_path / "raised"),
        ended_job(livekit_job.raises_early, tmp_path / "early"),
        ended_job(livekit_job.says_that_it_is_over, tmp_path / "over"),
    )

    check_cut_turn(killed, "agent")
    assert said_of_end(killed)["end_reason"] == "agent_hangup"
    assert said_of_end(killed)["tags"]["shutdown_reason"] == "parent process shutdown"

    (turn,) = raised["turn"]
    assert turn["agent"]["interrupted"] is True
    assert said_of_end(raised)["end_reason"] == "error"
    assert said_of_end(raised)["tags"]["shutdown_reason"] == "job crashed"

    assert early["turn"] == []
    assert said_of_end(early)["end_reason"] == "error"
    assert said_of_end(early)["tags"] == {"close_reason": "job crashed"}

    check_cut_turn(over, "agent")
    assert said_of_end(over)["end_reason"] == "agent_hangup"
    assert said_of_end(over)["tags"]["shutdown_reason"] == "nothing left to say"


async def test_job_that_does_not_return(tmp_path: Path) -> None:
    """An entrypoint that never returns costs LiveKit 15 s and the log nothing. A long test: ``make soak``."""
    if SOAK:
        lines = await ended_job(livekit_job.does_not_return, tmp_path / "job", sigterm=True)
        assert said_of_end(lines)["tags"]["shutdown_reason"] == "parent process shutdown"
        assert [turn["user"]["text"] for turn in lines["turn"]] == [livekit_job.LINE]


@pytest.mark.parametrize("how", ["killed", "raises"])
def test_end_of_a_process_without_a_job(how: str, tmp_path: Path) -> None:
    """A process that is terminated, or that raises, with a session open: its last turn and the call's end are written."""
    end_while_speaking({"c-1": 0.3}, tmp_path, how)
    lines: dict[str, list[dict[str, Any]]] = {}
    for line in logged(tmp_path):
        lines.setdefault(line["event"], []).append(line)
    check_cut_turn(lines, "error")
    (ended,) = lines["call_ended"]
    assert (ended["end_reason"], ended["tags"]) == ("error", {"close_reason": "process ended"})
