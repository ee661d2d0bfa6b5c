"""A job as LiveKit's worker runs it: a process of its own, started, and shut down as at the worker's SIGTERM."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livekit.agents import Agent, JobContext, JobProcess
from livekit.agents.ipc.job_proc_executor import ProcJobExecutor
from livekit.agents.job import JobAcceptArguments, RunningJobInfo
from livekit.protocol import agent as agent_protocol
from livekit.protocol import models

from support.livekit.session import Reply, ScriptedCall, until
from voicetel.recorder.livekit import record

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

LINE = "Opening hours?"
LONG = "We are open from Monday to Friday, from eight in the morning to six in the evening. " * 3
GRACE_S = 10.0
"""What LiveKit gives a job that shuts down before it kills it: its default."""


def _prewarm(_: JobProcess) -> None:
    pass


async def speaking_call(
    log_dir: Path, call_id: str = "c-1", *, begins_after_s: float = 0.0, spoken_s: float = 0.3
) -> ScriptedCall:
    """A recorded call whose caller asks after so long, and whose agent has then been answering for so long."""
    call = ScriptedCall({LINE: Reply(LONG, input_tokens=12, output_tokens=60)})
    record(call.session, log_dir=log_dir, call_id=call_id)
    await call.start(Agent(instructions=""))
    await asyncio.sleep(begins_after_s)
    await call.says(LINE)
    await call.agent_starts()
    await asyncio.sleep(spoken_s)
    return call


async def answers(context: JobContext) -> None:
    """Take the call, answer at length, and leave the job to go on."""
    folder = Path(context.job.metadata)
    await speaking_call(folder)
    (folder / "speaking").touch()


async def raises(context: JobContext) -> None:
    """Fail in the middle of the answer."""
    await answers(context)
    raise RuntimeError("a bug of the agent's")


async def raises_early(context: JobContext) -> None:
    """Fail before the session is started."""
    record(ScriptedCall({}).session, log_dir=context.job.metadata, call_id="c-1")
    raise RuntimeError("a bug of the agent's")


async def says_that_it_is_over(context: JobContext) -> None:
    """Have the job shut down, with a reason."""
    await answers(context)
    context.shutdown("nothing left to say")


async def does_not_return(context: JobContext) -> None:
    """Hold on to the job: LiveKit waits 15 s for such an entrypoint before it closes the session."""
    await answers(context)
    await asyncio.Event().wait()


async def run_job(entrypoint: Callable[[JobContext], Awaitable[None]], folder: Path, *, sigterm: bool) -> bool:
    """Run a job to its end; with ``sigterm`` as when the worker gets one: so do its jobs, and it shuts them down.

    False if the process crashed in native code (SIGSEGV), of which there is only LiveKit's.
    """
    executor = ProcJobExecutor(
        initialize_process_fnc=_prewarm,
        job_entrypoint_fnc=entrypoint,
        session_end_fnc=None,
        simulation_end_fnc=None,
        inference_executor=None,
        initialize_timeout=60.0,
        close_timeout=GRACE_S,
        session_end_timeout=5.0,
        memory_warn_mb=0,
        memory_limit_mb=0,
        ping_interval=2.5,
        ping_timeout=60.0,
        high_ping_threshold=10.0,
        http_proxy=None,
        mp_ctx=multiprocessing.get_context("spawn"),
        loop=asyncio.get_running_loop(),
    )
    await executor.start()
    await executor.initialize()
    await executor.launch_job(_job_info(folder))
    if sigterm:
        await until((folder / "speaking").exists)
        assert executor.pid is not None
        os.kill(executor.pid, signal.SIGTERM)
        await executor.aclose()
    else:
        await executor.join()
    return executor.exitcode != -signal.SIGSEGV


def _job_info(folder: Path) -> RunningJobInfo:
    job = agent_protocol.Job(
        id="AJ_1",
        room=models.Room(name="room-1", sid="RM_1"),
        type=agent_protocol.JobType.JT_ROOM,
        metadata=str(folder),
    )
    return RunningJobInfo(
        accept_arguments=JobAcceptArguments(identity="agent", name="", metadata=""),
        job=job,
        url="",
        token="",
        worker_id="w-1",
        fake_job=True,
    )


def logged(folder: Path) -> list[dict[str, Any]]:
    """The lines of the logs in a folder."""
    return [json.loads(line) for file in folder.glob("*.jsonl") for line in file.read_bytes().decode().splitlines()]
