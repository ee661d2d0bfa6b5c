"""How recorded LiveKit calls begin and end, and what goes wrong in between without touching the session."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from livekit.agents import Agent, AgentTask, APIStatusError, function_tool

from support.livekit.log import RecordedCall, operations, recorded_call, total
from support.livekit.session import Pace, Reply, ScriptedCall, until
from voicetel.recorder.livekit import LiveKitMissingError, record
from voicetel.recorder.writer import EventWriter
from voicetel.testing import capture_events

HELLO = {"Hello?": Reply("Hello there.", input_tokens=20, output_tokens=3)}


def agent(**options: Any) -> Agent:
    return Agent(instructions="You answer the telephone.", **options)


def logged(folder: Path) -> list[dict[str, Any]]:
    """The lines of the one log in a folder."""
    (file,) = folder.glob("*.jsonl")
    return [json.loads(line) for line in file.read_bytes().decode().splitlines()]


async def test_call_begins_with_what_is_known_of_it() -> None:
    """The first line says who took which call; unknown things are left out."""
    async with recorded_call({}, agent_name="clinic", agent_version="2.1", campaign="recall", direction="outbound",
                             language="en", tags={"queue": "7"}) as log:  # fmt: skip
        pass

    (started,) = log.of("call_started")
    assert started["call_id"] == "c-1"
    assert started["source"].startswith("livekit-agents/1.")
    facts = {name: started[name] for name in ("agent_name", "agent_version", "campaign", "direction", "language")}
    assert facts == {
        "agent_name": "clinic",
        "agent_version": "2.1",
        "campaign": "recall",
        "direction": "outbound",
        "language": "en",
    }
    assert started["tags"] == {"queue": "7"}


async def test_what_the_agent_knows() -> None:
    """States, marks and evidence that the agent's code gives stand where they belong."""
    async with recorded_call(HELLO) as log:
        log.recorder.enter_state("greeting")
        await log.call.start(agent())
        await log.call.says("Hello?")
        await log.call.agent_answers()
        log.recorder.enter_state("transferred")
        log.recorder.mark("transfer", "queue-7")
        log.recorder.note(outcome="success", outcome_confidence=0.8)
        log.recorder.end("transfer")

    assert log.turns[0]["state_id"] == "greeting"
    assert [(mark["kind"], mark["value"]) for mark in log.of("mark")] == [("transfer", "queue-7")]
    assert (log.ended["end_reason"], log.ended["final_state"]) == ("transfer", "transferred")
    assert (log.ended["outcome"], log.ended["outcome_confidence"]) == ("success", 0.8)


async def test_providers_are_the_authors_word() -> None:
    """Who bills is what the author says, where the plugin would say otherwise."""
    providers = {"llm": ("cerebras", "llama-8b"), "tts": "acme", "transport": "livekit"}
    async with recorded_call(HELLO, providers=providers) as log:
        await log.call.start(agent())
        await log.call.says("Hello?")
        await log.call.agent_answers()
        await log.call.hang_up()

    named = [(op["stage"], op.get("provider"), op.get("model")) for op in log.turns[0]["operations"]]
    assert named == [
        ("stt", "deepgram", "nova-3"),
        ("eot", None, None),
        ("llm", "cerebras", "llama-8b"),
        ("tts", "acme", "sonic-2"),
    ]
    assert operations(log.ended, "transport")[0]["provider"] == "livekit"


async def test_failed_request() -> None:
    """A model that fails leaves an operation that says so, without its message, and a mark once it gives up."""
    failing = {"Hello?": Reply(error=APIStatusError("key sk-123 is out of money", status_code=402, retryable=False))}
    async with recorded_call(failing) as log:
        await log.call.start(agent())
        await log.call.says("Hello?")
        await until(lambda: bool(log.of("mark")))
        await log.call.hang_up()

    (turn,) = log.turns
    (llm,) = operations(turn, "llm")
    assert (llm["status"], llm["error"], llm["provider"]) == ("error", "APIStatusError 402", "groq")
    assert [(mark["kind"], mark["value"]) for mark in log.of("mark")] == [("error", "llm")]
    assert "agent" not in turn
    assert "sk-123" not in json.dumps(log.events)


async def test_a_handoff_answers_the_turn_that_asked_for_it() -> None:
    """The next agent's first words are the rest of the reply to the caller who asked for that agent."""

    class Billing(Agent):
        async def on_enter(self) -> None:
            self.session.say("Billing, good morning.")

    @function_tool
    async def to_billing() -> Agent:
        """Hand over to billing."""
        return Billing(instructions="You know every bill.")

    replies = {"My bill is wrong.": Reply(tool=("to_billing", {}), input_tokens=40, output_tokens=8)}
    async with recorded_call(replies) as log:
        await log.call.start(agent(tools=[to_billing]))
        await log.call.says("My bill is wrong.")
        await log.call.agent_answers()
        await log.call.hang_up()

    (turn,) = log.turns
    assert turn["user"]["text"] == "My bill is wrong."
    assert turn["agent"]["text"] == "Billing, good morning."
    answered = log.call.witness.messages[-1]
    assert turn["eou_latency_ms"] == pytest.approx(answered.metrics["e2e_latency"] * 1000, abs=0.2)
    assert [mark["kind"] for mark in log.of("mark")] == ["handoff"]


async def test_conversation_inside_a_tool() -> None:
    """A tool that asks the caller back: its question answers the first words, its result the last ones."""

    class EmailTask(AgentTask[str]):
        async def on_enter(self) -> None:
            self.session.say("What is your e-mail address?")

        @function_tool
        async def take_email(self, email: str) -> None:
            """Take down the address."""
            self.complete(email)

    @function_tool
    async def book() -> str:
        """Book an appointment."""
        return "booked for " + await EmailTask(instructions="Ask for an e-mail address.")

    replies = {
        "Book me in.": Reply(tool=("book", {}), input_tokens=40, output_tokens=8),
        "It's ann at example dot com.": Reply("Dot com or dot org?", input_tokens=50, output_tokens=6),
        "Dot org.": Reply(tool=("take_email", {"email": "ann@example.org"}), input_tokens=60, output_tokens=9),
        "tool:book": Reply("You are booked.", first_token_s=0.3, input_tokens=70, output_tokens=4),
    }
    async with recorded_call(replies) as log:
        await log.call.start(agent(tools=[book]))
        await log.call.says("Book me in.")
        await log.call.agent_answers()
        await log.call.says("It's ann at example dot com.")
        await log.call.agent_answers()
        await log.call.says("Dot org.")
        await log.call.agent_answers()
        await log.call.hang_up()

    asked, unsure, booked = log.turns
    assert [turn["turn"] for turn in log.turns] == [1, 2, 3]
    assert asked["user"]["text"] == "Book me in."
    assert asked["agent"]["text"] == "What is your e-mail address?"
    assert unsure["agent"]["text"] == "Dot com or dot org?"
    assert booked["user"]["text"] == "Dot org."
    assert booked["agent"]["text"] == "You are booked."
    assert [llm["input_tokens"] for llm in operations(asked, "llm")] == [40]
    assert [llm["input_tokens"] for llm in operations(booked, "llm")] == [60, 70]
    assert [tool["name"] for tool in operations(booked, "tool")] == ["book", "take_email"]
    said = log.call.witness.messages[-1]
    assert booked["eou_latency_ms"] == pytest.approx(said.metrics["e2e_latency"] * 1000, abs=0.2)


async def test_caller_who_says_nothing() -> None:
    """Silence on both sides for as long as the session allows is a mark."""
    async with recorded_call({}, pace=Pace(away_s=0.2)) as log:
        await log.call.start(agent())
        await until(lambda: bool(log.of("mark")))
        await log.call.hang_up()

    assert [mark["kind"] for mark in log.of("mark")] == ["no_input"]


async def test_session_that_does_not_know_when_speech_ended() -> None:
    """Without a voice detector the delay counts from the transcript: said to be so, and no end of speech is claimed."""
    async with recorded_call(HELLO, pace=Pace(vad=False, endpointing_s=0.05)) as log:
        await log.call.start(agent())
        await log.call.says("Hello?")
        await log.call.agent_answers()
        await log.call.hang_up()

    (turn,) = log.turns
    assert turn["eou_from"] == "turn_start"
    assert "end_ms" not in turn["user"]
    assert [operation["stage"] for operation in turn["operations"]] == ["llm", "tts", "stt"]
    assert "ttfb_ms" not in operations(turn, "stt")[0]


async def test_chat_without_sound() -> None:
    """A session driven by text alone gives turns with both texts and the model's tokens, and no made-up times."""
    with capture_events() as events:
        call = ScriptedCall(HELLO)
        recorder = record(call.session, call_id="c-1")
        await call.session.start(agent())
        await call.session.run(user_input="Hello?")
        await call.session.aclose()

    (turn,) = RecordedCall(call, recorder, events).turns
    assert turn["user"] == {"text": "Hello?"}
    assert turn["agent"] == {"text": "Hello there.", "interrupted": False}
    assert "eou_latency_ms" not in turn
    assert [(op["stage"], op["input_tokens"]) for op in turn["operations"]] == [("llm", 20)]


async def test_two_calls_that_share_their_models() -> None:
    """Calls of one process that use the same model objects each log their own requests, and only those."""
    logs = []
    with capture_events() as events:
        first, second = ScriptedCall(HELLO), ScriptedCall(HELLO)
        second.session._llm, second.session._tts = first.llm, first.tts
        for call_id, call in (("c-1", first), ("c-2", second)):
            record(call.session, call_id=call_id)
            await call.start(agent())
        await asyncio.gather(first.says("Hello?"), second.says("Hello?"))
        await asyncio.gather(first.agent_answers(), second.agent_answers())
        for call in (first, second):
            await call.hang_up()
        logs = [[e for e in events if e["call_id"] == call_id] for call_id in ("c-1", "c-2")]

    for log in logs:
        (turn,) = [event for event in log if event["event"] == "turn"]
        assert [op["input_tokens"] for op in operations(turn, "llm")] == [20]
        assert sum(op["characters"] for op in operations(turn, "tts")) == len("Hello there.")
        assert not [event for event in log if event["event"] == "usage"]


async def test_recorder_that_fails_leaves_the_session_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever breaks in the recorder, the caller hears the answer and the session closes as ever."""
    async with recorded_call(HELLO) as log:
        monkeypatch.setattr(log.recorder._tracker, "speech_created", _broken)
        monkeypatch.setattr(log.recorder._tracker, "caller_message", _broken)
        monkeypatch.setattr(log.recorder._tracker, "close", _broken)
        await log.call.start(agent())
        await log.call.says("Hello?")
        await log.call.agent_answers()
        await log.call.hang_up()

    assert [message.text_content for message in log.call.witness.messages] == ["Hello?", "Hello there."]
    assert log.ended["end_reason"] == "caller_hangup"


def _broken(*_: object, **__: object) -> None:
    raise TypeError("a bug of ours")


async def test_recorder_lets_go_of_the_session() -> None:
    """After the end nothing of a session or its models is listened to, and a session is recorded once."""
    async with recorded_call(HELLO) as log:
        assert record(log.call.session) is log.recorder
        await log.call.start(agent())
        await log.call.says("Hello?")
        await log.call.agent_answers()
        parts = [log.call.session, log.call.llm, log.call.tts, log.call.stt, log.call.session.output.audio]
        await log.call.hang_up()

    listeners = [listener for part in parts if part for heard in part._events.values() for listener in heard]
    assert not [listener for listener in listeners if "voicetel" in str(getattr(listener, "__module__", ""))]
    assert total(log, "llm", "input_tokens") == 20


CRASH = """
import asyncio, os, sys
sys.path[:0] = sys.argv[2:]
from livekit.agents import Agent
from support.livekit.session import Reply, ScriptedCall
from voicetel.recorder.livekit import record

async def crash():
    call = ScriptedCall({"Hello?": Reply("Hello there.", input_tokens=20, output_tokens=3)})
    record(call.session, log_dir=sys.argv[1], call_id="c-9")
    await call.start(Agent(instructions=""))
    await call.says("Hello?")
    await call.agent_answers()
    await asyncio.sleep(0.4)
    await call.says("Hello?")
    await call.agent_starts()
    os._exit(9)

asyncio.run(crash())
"""


def test_crash_leaves_the_turns_and_no_end(tmp_path: Path) -> None:
    """A process that dies in mid-answer leaves every finished turn, whole, and no end of the call."""
    root = Path(__file__).parents[3]
    command = [sys.executable, "-c", CRASH, str(tmp_path), str(root), str(root / "tests")]
    assert subprocess.run(command, check=False, timeout=60).returncode == 9

    events = logged(tmp_path)
    assert [event["event"] for event in events] == ["call_started", "turn"]
    assert events[1]["user"]["text"] == "Hello?"
    assert events[1]["agent"]["text"] == "Hello there."


async def test_folder_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a folder the log goes where $VOICETEL_LOGS says, and sessions of one process share a writer."""
    monkeypatch.setenv("VOICETEL_LOGS", str(tmp_path))
    first, second = record(ScriptedCall({}).session), record(ScriptedCall({}).session)
    first.end()
    second.end()
    assert isinstance(first._writer, EventWriter)
    assert await first._writer.aflush()

    written = logged(tmp_path)
    assert [line["event"] for line in written] == ["call_started", "call_started", "call_ended", "call_ended"]
    assert len({line["call_id"] for line in written}) == 2
    assert len({line["writer"] for line in written}) == 1


def test_missing_livekit_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without livekit-agents the import says which extra to install, as an ImportError."""
    for name in [name for name in sys.modules if name.startswith("voicetel.recorder.livekit")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "livekit.agents", None)
    with pytest.raises(ImportError, match=r"pip install 'voicetel\[livekit\]'"):
        import voicetel.recorder.livekit  # noqa: F401
    assert issubclass(LiveKitMissingError, ImportError)
