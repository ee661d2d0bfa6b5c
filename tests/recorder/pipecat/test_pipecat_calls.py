"""Pipecat pipelines with scripted services: the log says what the script prescribed and what others on the line saw."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support.pipecat.call import PipecatCall, operations, pipecat_call
from support.pipecat.services import Doorbell, Reply
from support.recorded import events_of, named

from pipecat.audio.dtmf.types import KeypadEntry  # isort: skip  support silences what Pipecat warns of when it is imported
from pipecat.frames import frames  # isort: skip

if TYPE_CHECKING:
    from pipecat.processors.frame_processor import FrameProcessor

ROOT = Path(__file__).parents[3]


def holds_together(turn: dict[str, Any]) -> None:
    """What every turn must be: nothing negative, nothing of the answer before it was asked for, parts within the whole."""
    offsets = [turn.get(side, {}).get(edge) for side in ("user", "agent") for edge in ("start_ms", "end_ms")]
    offsets += [
        operation.get(name)
        for operation in turn.get("operations", [])
        for name in ("start_ms", "ttfb_ms", "duration_ms")
    ]
    assert all(offset >= 0 for offset in offsets if offset is not None)
    for operation in turn.get("operations", []):
        if operation.get("ttfb_ms") is not None and operation.get("duration_ms") is not None:
            assert operation["ttfb_ms"] <= operation["duration_ms"] + 0.2


def measured_by_others(call: PipecatCall, turns: list[int], spans: list[int]) -> None:
    """The response of these turns as Pipecat's own observer has it, and by the script's and the line's own clocks."""
    for place, (turn, span) in enumerate(zip(turns, spans, strict=True)):
        logged_ms = call.turns[turn]["eou_latency_ms"]
        assert logged_ms == call.near(call.latencies_s[place] * 1000)
        assert logged_ms == call.near((call.speaker.played[span].begin_s - call.stopped_s[place]) * 1000)


async def test_a_turn() -> None:
    """Both texts, the times of both voices, every operation with who bills it, what it took and what it used."""
    reply = Reply(
        "Of course. Which day suits you?",
        ttft_s=0.1,
        stream_s=0.05,
        input_tokens=812,
        output_tokens=24,
        cached_tokens=300,
    )
    async with pipecat_call([reply]) as call:
        heard = {"channel": {"alternatives": [{"transcript": "Hi, …", "confidence": 0.9375}]}}
        await call.says("Hi, I need to move my appointment.", speech_s=0.3, transcript_s=0.04, result=heard)
        await call.answered(1)

    [turn] = call.turns
    holds_together(turn)
    measured_by_others(call, [0], [0])
    assert (turn["user"]["text"], turn["agent"]["text"]) == ("Hi, I need to move my appointment.", reply.text)
    assert turn["user"]["confidence"] == 0.9375
    assert turn["agent"]["interrupted"] is False
    assert turn["user"]["end_ms"] - turn["user"]["start_ms"] == call.near(300)
    # 30 characters of a hundredth of a second.
    assert turn["agent"]["end_ms"] - turn["agent"]["start_ms"] == call.near(300)
    assert turn["eou_latency_ms"] == pytest.approx(turn["agent"]["start_ms"] - turn["user"]["end_ms"], abs=0.11)
    stt, eot, llm, tts = turn["operations"]
    assert (stt["stage"], stt["provider"], stt["model"], stt["audio_s"]) == ("stt", "deepgram", "nova-3", 0.3)
    # 50 ms until the detector notices and 40 ms until the transcript comes.
    assert stt["ttfb_ms"] == call.near(90)
    assert stt["start_ms"] == eot["start_ms"] == turn["user"]["end_ms"]
    # Of the wait for the end of the turn the detector was set to 50 ms.
    assert eot["setting_ms"] == 50 < eot["duration_ms"]
    assert (llm["provider"], llm["model"]) == ("groq", "llama-3.1-8b-instant")
    assert (llm["input_tokens"], llm["cached_input_tokens"], llm["output_tokens"]) == (812, 300, 24)
    assert (llm["ttfb_ms"], llm["duration_ms"]) == (call.near(100), call.near(150))
    assert llm["start_ms"] >= eot["start_ms"] + eot["duration_ms"] - 1
    assert (tts["provider"], tts["model"], tts["characters"], tts["audio_s"]) == ("cartesia", "sonic-2", 30, 0.3)
    assert tts["ttfb_ms"] == call.near(80)


async def test_a_greeting_is_a_turn_without_a_caller() -> None:
    """The agent speaks unasked, and then answers: two turns, the first without a response latency."""
    async with pipecat_call(
        [Reply("On Thursday.")],
        agent_version="1.8.2",
        campaign="recall",
        direction="outbound",
        language="en",
        tags={"k": "v"},
    ) as call:
        await call.worker.queue_frame(frames.ClientConnectedFrame())
        await call.worker.queue_frame(frames.TTSSpeakFrame("Good morning, City Clinic."))
        await call.answered(1)
        await call.says("When?")
        await call.answered(2)

    greeting, turn = call.turns
    assert "user" not in greeting
    assert "eou_latency_ms" not in greeting
    assert greeting["agent"]["text"] == "Good morning, City Clinic."
    assert [operation["stage"] for operation in greeting["operations"]] == ["tts"]
    assert (turn["turn"], turn["agent"]["text"]) == (2, "On Thursday.")
    measured_by_others(call, [1], [1])
    [started] = call.of("call_started")
    assert started["source"].startswith("pipecat-ai/")
    assert (started["agent_name"], started["agent_version"], started["campaign"]) == ("clinic", "1.8.2", "recall")
    assert (started["direction"], started["language"], started["tags"]) == ("outbound", "en", {"k": "v"})
    assert [mark["kind"] for mark in call.of("mark")] == ["answered"]
    assert call.ended["end_reason"] == "agent_hangup"
    assert call.ended["duration_s"] > 1


async def test_a_tool_turn() -> None:
    """Two requests to the model with the tool between them, one turn and one response latency."""
    replies = [
        Reply(tool="look_up", input_tokens=50, output_tokens=5),
        Reply("Three o'clock is free.", input_tokens=90),
    ]
    async with pipecat_call(replies) as call:
        await call.says("Thursday?")
        await call.answered(1)

    [turn] = call.turns
    holds_together(turn)
    measured_by_others(call, [0], [0])
    first, second = operations(turn, "llm")
    [tool] = operations(turn, "tool")
    assert (first["input_tokens"], first["output_tokens"], second["input_tokens"]) == (50, 5, 90)
    assert (tool["name"], tool["request_id"], tool["duration_ms"]) == ("look_up", "call-look_up", call.near(120))
    assert first["start_ms"] < tool["start_ms"] < second["start_ms"]
    assert turn["agent"]["text"] == "Three o'clock is free."
    # Two times 150 ms of the model, 120 of the tool, 80 of the voice, and the time until the end of the turn was detected.
    assert turn["eou_latency_ms"] >= 150 + 120 + 150 + 80


async def test_a_barge_in() -> None:
    """The caller speaks over the agent: the reply is interrupted by them, and their words are the next turn."""
    long = "This is a very long answer that nobody wants to hear to its very end, is it not?"
    async with pipecat_call([Reply(long), Reply("All right.")]) as call:
        await call.says("Tell me.")
        await call.heard_for(1, 0.2)
        await call.says("Stop!")
        await call.answered(2)

    cut, answered = call.turns
    for turn in call.turns:
        holds_together(turn)
    measured_by_others(call, [0, 1], [0, 1])
    assert cut["agent"]["interrupted"] is True
    assert "interrupted_by" not in cut["agent"]
    assert 200 <= cut["agent"]["end_ms"] - cut["agent"]["start_ms"] < 800
    [tts] = operations(cut, "tts")
    assert (tts["audio_s"], tts["characters"]) == (len(long) / 100, len(long))
    assert (answered["user"]["text"], answered["agent"]["text"]) == ("Stop!", "All right.")
    assert answered["agent"]["interrupted"] is False


async def test_a_cancelled_generation() -> None:
    """The caller goes on before the first token: the attempt stands in the turn it tried to answer, given up."""
    async with pipecat_call([Reply("First.", ttft_s=20), Reply("Second.")]) as call:
        await call.says("I want")
        await call.until(lambda: any(turn.running_llm for turn in call.recorder._tracker.turns))
        await asyncio.sleep(0.1)
        await call.says("an appointment.")
        await call.answered(1)

    given_up, answered = call.turns
    [attempt] = operations(given_up, "llm")
    assert attempt["status"] == "cancelled"
    assert "ttfb_ms" not in attempt
    assert attempt["duration_ms"] >= 90
    assert "agent" not in given_up
    assert "eou_latency_ms" not in given_up
    assert (answered["user"]["text"], answered["agent"]["text"]) == ("an appointment.", "Second.")
    assert [operation.get("status") for operation in operations(answered, "llm")] == [None]


async def test_an_answer_cancelled_before_it_is_heard() -> None:
    """The words were there, the sound was not: nobody was interrupted, and the synthesis is given up."""
    async with pipecat_call([Reply("Never heard."), Reply("Second.")]) as call:
        await call.says("I want")
        await call.until(lambda: any(turn.running_tts for turn in call.recorder._tracker.turns))
        await call.says("an appointment.", speech_s=0.1)
        await call.answered(1)

    assert call.turns[-1]["agent"]["text"] == "Second."
    if len(call.speaker.played) == 1:
        assert "agent" not in call.turns[0]
        [tts] = operations(call.turns[0], "tts")
        assert tts["status"] == "cancelled"
        assert "ttfb_ms" not in tts


@pytest.mark.parametrize("how", ["event", "note"])
async def test_a_hang_up_in_mid_sentence(how: str) -> None:
    """The caller leaves while the agent speaks: a hang-up, and not an interruption by the caller."""
    door = Doorbell()
    long = "A long goodbye that is cut by a hang-up of the caller in the middle, before it is over."
    async with pipecat_call([Reply(long)], end=False, transport=door) as call:
        await call.says("Bye.")
        await call.heard_for(1, 0.2)
        if how == "event":
            await door.caller_leaves()
            await asyncio.sleep(0.05)
        else:
            call.recorder.note(end_reason="caller_hangup", tags={"room": "r-12"})
        await call.worker.cancel(reason="gone")

    [turn] = call.turns
    holds_together(turn)
    assert (turn["agent"]["interrupted"], turn["agent"]["interrupted_by"]) == (True, "hangup")
    assert turn["agent"]["end_ms"] - turn["agent"]["start_ms"] < len(long) * 10
    assert call.ended["end_reason"] == "caller_hangup"
    assert call.ended["tags"]["pipecat.end_reason"] == "gone"


async def test_who_cancels_is_not_known() -> None:
    """A pipeline that is cancelled ends the call without a reason, and what was noted is written."""
    async with pipecat_call([], end=False) as call:
        call.recorder.note(final_state="greeting", amd="human", outcome=None)
        call.recorder.note(final_state="asked")
        call.recorder.mark("transfer", "queue-7")
        await call.worker.cancel()

    assert "end_reason" not in call.ended
    assert (call.ended["final_state"], call.ended["amd"]) == ("asked", "human")
    assert [(mark["kind"], mark["value"]) for mark in call.of("mark")] == [("transfer", "queue-7")]


async def test_noise_is_no_turn() -> None:
    """Speech without a transcript or an answer is a mark; its transcription is billed all the same."""
    async with pipecat_call([Reply("Yes?")], waits_for_words=False) as call:
        await call.says(None)
        await call.until(lambda: any(turn.endpointed_s is not None for turn in call.recorder._tracker.turns))
        await call.says("Hello?")
        await call.answered(1)

    [turn] = call.turns
    assert turn["user"]["text"] == "Hello?"
    billed = [
        operation["audio_s"] for line in (*call.turns, *call.of("usage")) for operation in operations(line, "stt")
    ]
    assert sum(billed) == pytest.approx(0.4)
    assert [mark["kind"] for mark in call.of("mark")] == ["unheard"]


async def test_a_model_that_fails() -> None:
    """The request stands in the turn as failed, with the kind of error and no message, which may quote a caller or a key; and as a mark."""
    async with pipecat_call([Reply(fails=True)]) as call:
        await call.says("Hi.")
        await call.until(lambda: bool(call.of("mark")))
        await asyncio.sleep(0.1)

    [turn] = call.turns
    failed = [operation for operation in operations(turn, "llm") if operation.get("status") == "error"]
    assert len(failed) == 1
    assert failed[0]["error"] == "Overloaded 503"
    assert [(mark["kind"], mark["value"]) for mark in call.of("mark")] == [("error", "llm")]


async def test_digits_are_counted_and_not_kept() -> None:
    """A key that was pressed is a mark; which one is nobody's business."""
    async with pipecat_call([]) as call:
        for digit in "12":
            await call.line.push_frame(frames.InputDTMFFrame(button=KeypadEntry(digit)))
        await asyncio.sleep(0.1)

    assert [(mark["kind"], mark["value"]) for mark in call.of("mark")] == [("dtmf", "1"), ("dtmf", "1")]


async def test_speech_to_speech() -> None:
    """A model that hears and speaks itself: one operation a turn, with its audio tokens, and the words when they come."""
    replies = [Reply("Hello there, how are you today?", audio_tokens=(40, 60)), Reply("Good.", audio_tokens=(80, 20))]
    async with pipecat_call(replies, realtime=True) as call:
        await call.says("Hi.")
        await call.answered(1)
        await call.says("Fine.")
        await call.answered(2)

    assert [(turn["user"]["text"], turn["agent"]["text"]) for turn in call.turns] == [
        ("Hi.", "Hello there, how are you today?"), ("Fine.", "Good."),
    ]  # fmt: skip
    measured_by_others(call, [0, 1], [0, 1])
    for turn, tokens in zip(call.turns, [(40, 60), (80, 20)], strict=True):
        holds_together(turn)
        [operation] = operations(turn, "realtime")
        assert (operation["provider"], operation["model"]) == ("openai", "gpt-realtime-2")
        assert (operation["input_audio_tokens"], operation["output_audio_tokens"]) == tokens
        assert (operation["ttfb_ms"], operation["input_tokens"], operation["output_tokens"]) == (
            call.near(100),
            100,
            10,
        )
        assert operations(turn, "llm") == operations(turn, "tts") == []


async def test_speech_to_speech_barge_in_without_words() -> None:
    """Without transcripts turns have the caller's times; what the cut answer used is its own, whenever it is reported."""
    long = "Hello there, how are you today? This goes on and on and on and on and on."
    replies = [Reply(long, audio_tokens=(40, 60), stream_s=20), Reply("Good.", audio_tokens=(80, 20))]
    async with pipecat_call(replies, realtime=True, transcripts=False) as call:
        await call.says("Hi.")
        await call.heard_for(1, 0.2)
        await call.says("Stop.")
        await call.answered(2)

    cut, answered = call.turns
    assert "text" not in cut["user"]
    assert cut["user"]["end_ms"] > cut["user"]["start_ms"]
    assert (cut["agent"]["interrupted"], answered["agent"]["interrupted"]) == (True, False)
    assert [o["output_audio_tokens"] for o in operations(cut, "realtime")] == [60]
    assert [o["output_audio_tokens"] for o in operations(answered, "realtime")] == [20]
    assert operations(cut, "realtime")[0]["status"] == "cancelled"


async def test_a_parallel_pipeline() -> None:
    """Frames that go two ways at once count once."""
    async with pipecat_call([Reply("Parallel answer.", input_tokens=33)], parallel=True) as call:
        await call.says("Hi.")
        await call.answered(1)

    [turn] = call.turns
    measured_by_others(call, [0], [0])
    assert [operation["stage"] for operation in turn["operations"]] == ["stt", "eot", "llm", "tts"]
    assert operations(turn, "llm")[0]["input_tokens"] == 33
    assert operations(turn, "tts")[0]["audio_s"] == 0.16


async def test_metrics_that_are_off_are_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    """The log has what frames say, and the agent's log says what is missing and how to have it."""
    async with pipecat_call([Reply("Hello.")], metrics=False) as call:
        await call.says("Hi.")
        await call.answered(1)

    [warning] = caplog.records
    assert "enable_metrics=True, enable_usage_metrics=True" in warning.getMessage()
    [turn] = call.turns
    assert (turn["user"]["text"], turn["agent"]["text"]) == ("Hi.", "Hello.")
    measured_by_others(call, [0], [0])
    assert not any("ttfb_ms" in operation or "input_tokens" in operation for operation in turn["operations"])


async def test_metrics_that_are_on_are_not_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    """A pipeline as it should be says nothing."""
    async with pipecat_call([]):
        pass
    assert caplog.records == []


async def test_what_cannot_be_read_costs_its_frame_alone(caplog: pytest.LogCaptureFixture) -> None:
    """A frame whose values make no sense reaches neither the pipeline nor the rest of the log."""
    async with pipecat_call([Reply("Hello.")]) as call:
        for broken in (
            frames.VADUserStartedSpeakingFrame(start_secs="soon"),  # type: ignore[arg-type]
            frames.LLMContextUserTurnFrame(text=7, timestamp="yesterday"),  # type: ignore[arg-type]
            frames.LLMContextAssistantTurnFrame(text=None, timestamp=None),  # type: ignore[arg-type]
            frames.MetricsFrame(data=None),  # type: ignore[arg-type]
        ):
            await call.speaker.push_frame(broken)
        await call.says("Hi.")
        await call.answered(1)

    assert call.turns[-1]["agent"]["text"] == "Hello."
    assert any("could not be recorded" in record.getMessage() for record in caplog.records)
    assert call.ended["end_reason"] == "agent_hangup"


CRASH = """
import asyncio, os, sys, time
sys.path.insert(0, {tests!r})
from support.pipecat.call import *
from support.pipecat.call import _built
async def main():
    call = _built([Reply("On Thursday."), Reply("A long answer that is being given when the process ends. " * 20)], [], realtime=False,
                  transcripts=True, parallel=False, metrics=True, waits_for_words=True, around=[], options={{"log_dir": sys.argv[1]}})
    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(call.worker)
    running = asyncio.create_task(runner.run())
    await asyncio.sleep(0.3)
    await call.says("When?")
    await call.answered(1)
    await call.says("Tell me more.")
    await call.heard_for(2, 0.3)
    time.sleep(0.3)
    print("ready", flush=True)
    if sys.argv[2] == "wait":
        await asyncio.sleep(60)
    elif sys.argv[2] == "kill":
        os._exit(9)
    raise SystemExit(3)
asyncio.run(main())
"""


@pytest.mark.parametrize("how", ["kill", "wait"])
def test_a_crash(tmp_path: Path, how: str) -> None:
    """A process that dies keeps the turns that were complete; one that is asked to end says how the call ended as well."""
    program = CRASH.format(tests=str(ROOT / "tests"))
    command = [sys.executable, "-W", "ignore", "-c", program, str(tmp_path), how]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)}
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.strip() == b"ready":
                break
        if how == "wait":
            process.terminate()
        process.communicate(timeout=60)

    events = events_of(tmp_path)
    turns = named(events, "turn")
    assert turns[0]["agent"]["text"] == "On Thursday."
    if how == "kill":
        assert (len(turns), named(events, "call_ended")) == (1, [])
    else:
        assert turns[1]["user"]["text"] == "Tell me more."
        assert turns[1]["agent"]["interrupted"] is True
        assert len(named(events, "call_ended")) == 1


def test_without_pipecat_the_import_says_what_to_install() -> None:
    """The extra is named; an error inside of Pipecat is not taken for its absence."""
    program = """
import sys
sys.modules["pipecat"] = None
try:
    import voicetel.recorder.pipecat
except ImportError as error:
    print(type(error).__name__, error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.stdout.strip() == (
        "PipecatMissingError the Pipecat recorder needs pipecat-ai: pip install 'voicetel[pipecat]'"
    )


async def test_the_example(tmp_path: Path) -> None:
    """examples/pipecat_agent.py runs as it stands and leaves a log that reads."""
    program = str(ROOT / "examples" / "pipecat_agent.py")
    ended = await asyncio.to_thread(
        subprocess.run, [sys.executable, program, str(tmp_path)], capture_output=True, text=True, check=False,
        timeout=120, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    events = events_of(tmp_path)
    assert [event["event"] for event in events if event["event"] != "mark"] == [
        "call_started",
        "turn",
        "turn",
        "call_ended",
    ]
    assert json.loads(json.dumps(events))
    assert str(tmp_path) in ended.stdout
    assert time.strftime("%Y") in ended.stdout


def test_one_recorder_a_worker(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A worker is recorded once; its conversation id is the call's, and a log folder has one writer."""
    from pipecat.pipeline.pipeline import Pipeline
    from pipecat.pipeline.worker import PipelineWorker

    from voicetel.recorder.pipecat import record

    monkeypatch.setenv("VOICETEL_LOGS", str(tmp_path))

    def worker(**options: Any) -> PipelineWorker:
        steps: list[FrameProcessor] = []
        return PipelineWorker(Pipeline(steps), enable_rtvi=False, **options)

    first, second = worker(conversation_id="conversation-7"), worker()
    recorder = record(first)
    assert record(first) is recorder
    assert recorder.call_id == "conversation-7"
    other = record(second, call_id=7)
    assert other.call_id == "7"
    assert record(worker()).call_id not in {"", "7"}
    assert recorder.writer is other.writer
