"""What may happen at any moment of an answer, swept over when it does: typed words, hang-ups, ends of jobs and rooms."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from livekit import rtc
from livekit.agents import Agent
from livekit.agents.testing import fake_job_context

from support.livekit.ending import end_while_speaking
from support.livekit.job import LINE, LONG, logged
from support.livekit.log import DELAYS_S, RecordedCall, operations, sweep
from support.livekit.realtime import ModelPace, ModelReply, ScriptedRealtimeModel
from support.livekit.session import Pace, Reply, ScriptedCall, until
from voicetel.recorder.livekit import SessionRecorder, record
from voicetel.testing import capture_events

if TYPE_CHECKING:
    from pathlib import Path

TYPED = "From when on?"
SHORT = "From eight."


def agent() -> Agent:
    return Agent(instructions="You answer the telephone.")


async def type_over(call: ScriptedCall, delay_s: float, answer: str) -> None:
    """Type a question once the agent has spoken for so long, as a room's text input does, and wait for its answer."""
    await call.says(LINE, 0.2)
    await call.agent_starts()
    await asyncio.sleep(delay_s)
    await call.session.interrupt()
    call.session.generate_reply(user_input=TYPED)
    await until(lambda: any(m.text_content == answer for m in call.witness.messages))


async def test_words_typed_over_the_agent_at_any_moment() -> None:
    """The caller's interruption of the turn that was spoken, and a turn of their own, with nothing of the other's."""

    async def play(delay_s: float) -> tuple[ScriptedCall, SessionRecorder]:
        replies = {LINE: Reply(LONG, input_tokens=5), TYPED: Reply(SHORT, input_tokens=7)}
        call = ScriptedCall(replies)
        recorder = record(call.session, call_id=f"typed-{delay_s}")
        await call.start(agent())
        await type_over(call, delay_s, SHORT)
        await call.hang_up()
        return call, recorder

    for delay_s, log in (await sweep(DELAYS_S, play)).items():
        cut, after = log.numbered_turns
        assert cut["agent"]["interrupted"] is True, delay_s
        assert "interrupted_by" not in cut["agent"]
        assert LONG.startswith(cut["agent"].get("text", ""))
        assert (after["user"], after["agent"]["text"]) == ({"text": TYPED}, SHORT)
        assert [op["input_tokens"] for op in operations(after, "llm")] == [7]


async def test_words_typed_over_a_speech_model_at_any_moment() -> None:
    """The same of a model of speech, whose report of the response that was cut comes as late."""

    async def play(delay_s: float) -> tuple[ScriptedCall, SessionRecorder]:
        replies = [
            ModelReply(LONG, input_tokens=5, output_tokens=9),
            ModelReply(SHORT, input_tokens=7, output_tokens=2),
        ]
        model = ScriptedRealtimeModel(replies, pace=ModelPace(metrics_s=delay_s))
        call = ScriptedCall(
            {}, speech_model=model, pace=Pace(vad=False), turn_handling={"turn_detection": "realtime_llm"}
        )
        recorder = record(call.session, call_id=f"typed-model-{delay_s}")
        await call.start(agent())
        await type_over(call, delay_s, SHORT)
        await until(lambda: len(model.reported) == 2)
        await call.hang_up()
        return call, recorder

    for delay_s, log in (await sweep(DELAYS_S, play)).items():
        cut, after = log.numbered_turns
        assert cut["agent"]["interrupted"] is True, delay_s
        assert "interrupted_by" not in cut["agent"]
        assert after["user"] == {"text": TYPED}
        assert [[op["request_id"] for op in operations(turn, "realtime")] for turn in (cut, after)] == [
            ["resp-1"],
            ["resp-2"],
        ]
        (counted,) = log.call.session.usage.model_usage
        assert getattr(counted, "input_tokens", None) == 12


async def test_hang_up_at_any_moment_of_an_answer() -> None:
    """The words that were played, cut off by the line, and what LiveKit itself has counted of the models."""

    async def play(delay_s: float) -> tuple[ScriptedCall, SessionRecorder]:
        call = ScriptedCall({LINE: Reply(LONG, input_tokens=5, output_tokens=60)})
        recorder = record(call.session, call_id=f"gone-{delay_s}")
        await call.start(agent())
        await call.says(LINE)
        await call.agent_starts()
        await asyncio.sleep(delay_s)
        await call.hang_up()
        return call, recorder

    for delay_s, log in (await sweep(DELAYS_S, play)).items():
        (turn,) = log.turns
        assert (turn["agent"]["interrupted"], turn["agent"]["interrupted_by"]) == (True, "hangup"), delay_s
        assert log.ended["end_reason"] == "caller_hangup"
        assert log.events[-1] == log.ended
        assert _used(log) == pytest.approx(_counted(log.call), abs=1e-4)


def _used(log: RecordedCall) -> dict[str, float]:
    """Tokens, characters and seconds of audio of the log."""
    found: dict[str, float] = {}
    for event in log.events:
        for operation in event.get("operations", []):
            for name in ("input_tokens", "output_tokens", "characters", "audio_s"):
                key = f"{operation['stage']} {name}"
                found[key] = found.get(key, 0) + operation.get(name, 0)
    return {key: amount for key, amount in found.items() if amount}


def _counted(call: ScriptedCall) -> dict[str, float]:
    """The same by the session's own count."""
    names = {"characters_count": "characters", "audio_duration": "audio_s"}
    return {
        f"{usage.type.removesuffix('_usage')} {names.get(name, name)}": amount
        for usage in call.session.usage.model_usage
        for name in ("input_tokens", "output_tokens", *names)
        if (amount := getattr(usage, name, 0))
    }


async def test_end_of_the_job_at_any_moment_after_the_session() -> None:
    """However long after the session's close the job says why it ends: the end of the call is said once more."""

    async def play(delay_s: float) -> list[dict[str, Any]]:
        with fake_job_context(job_id=f"AJ-{delay_s}") as job:
            job._info.fake_job = False
            call = ScriptedCall({})
            record(call.session, call_id=f"job-{delay_s}")
            await call.start(agent())
            await call.session.aclose()
            await asyncio.sleep(delay_s)
            await asyncio.gather(*(callback("job crashed") for callback in job._shutdown_callbacks))
            job._tempdir.cleanup()
        return []

    with capture_events() as events:
        await asyncio.gather(*(asyncio.create_task(play(delay_s)) for delay_s in DELAYS_S))
    for delay_s in DELAYS_S:
        ends = [e for e in events if e["call_id"] == f"job-{delay_s}" and e["event"] == "call_ended"]
        assert [end["end_reason"] for end in ends] == ["agent_hangup", "error"], delay_s
        assert ends[-1]["tags"] == {"close_reason": "user_initiated", "shutdown_reason": "job crashed"}


async def test_room_that_goes_at_any_moment_before_the_session() -> None:
    """The room's word for why it went stands in the end, however long the session takes to close after it."""

    async def play(delay_s: float) -> None:
        with fake_job_context(job_id=f"AJ-{delay_s}") as job:
            job._info.fake_job = False
            caller = SimpleNamespace(
                kind=rtc.ParticipantKind.PARTICIPANT_KIND_SIP, identity="sip_1", attributes={"sip.callStatus": "active"}
            )
            call = ScriptedCall({})
            record(call.session, call_id=f"room-{delay_s}")
            await call.start(agent())
            await asyncio.sleep(delay_s)
            job.room.emit("participant_attributes_changed", {"sip.callStatus": "active"}, caller)
            job.room.emit("sip_dtmf_received", rtc.SipDTMF(code=52, digit="4", participant=None))
            job.room.emit("disconnected", rtc.DisconnectReason.Value("CONNECTION_TIMEOUT"))
            await asyncio.sleep(delay_s)
            await call.session.aclose()
            job._tempdir.cleanup()

    with capture_events() as events:
        await asyncio.gather(*(asyncio.create_task(play(delay_s)) for delay_s in DELAYS_S))
    for delay_s in DELAYS_S:
        of_call: list[dict[str, Any]] = [event for event in events if event["call_id"] == f"room-{delay_s}"]
        marks = [(event["kind"], event.get("value")) for event in of_call if event["event"] == "mark"]
        assert marks == [("answered", None), ("dtmf", "1")], delay_s
        (ended,) = [event for event in of_call if event["event"] == "call_ended"]
        assert (ended["end_reason"], ended["tags"]["disconnect_reason"]) == ("error", "CONNECTION_TIMEOUT")


@pytest.mark.parametrize("how", ["killed", "raises"])
def test_end_of_a_process_at_any_moment_of_an_answer(how: str, tmp_path: Path) -> None:
    """A process with calls that have been answered for 0 to 500 ms: each has its open turn and its end in the log."""
    end_while_speaking({f"c-{delay_s}": delay_s for delay_s in DELAYS_S}, tmp_path, how)

    lines = logged(tmp_path)
    for delay_s in DELAYS_S:
        of_call = [line for line in lines if line["call_id"] == f"c-{delay_s}"]
        (turn,) = [line for line in of_call if line["event"] == "turn"]
        assert turn["user"]["text"] == LINE, delay_s
        assert (turn["agent"]["interrupted"], turn["agent"]["interrupted_by"]) == (True, "error")
        assert of_call[-1]["event"] == "call_ended"
        assert (of_call[-1]["end_reason"], of_call[-1]["tags"]) == ("error", {"close_reason": "process ended"})
