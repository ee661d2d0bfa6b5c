"""Real sessions with a speech-to-speech model: what comes after the fact, swept over how late it comes."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from livekit.agents import Agent, function_tool

from support.livekit.log import DELAYS_S, RecordedCall, operations, recorded_call, sweep, total
from support.livekit.realtime import ModelPace, ModelReply, ScriptedRealtimeModel
from support.livekit.session import Pace, ScriptedCall, until
from voicetel.recorder.livekit import SessionRecorder, record

DEAF = Pace(vad=False)
"""The model hears the line; the session has no voice detector."""

MODEL_LISTENS: dict[str, Any] = {"turn_handling": {"turn_detection": "realtime_llm"}}
WHICH_DAY = ModelReply(
    "Of course. Which day suits you best, and at what time of the day?", input_tokens=310, output_tokens=64
)
GOODBYE = ModelReply("You are welcome. Goodbye!", input_tokens=420, output_tokens=31)


def agent(**options: Any) -> Agent:
    return Agent(instructions="You book appointments.", **options)


def scripted(model: ScriptedRealtimeModel, name: str) -> tuple[ScriptedCall, SessionRecorder]:
    """A call with this model, and its recorder."""
    call = ScriptedCall({}, speech_model=model, pace=DEAF, **MODEL_LISTENS)
    return call, record(call.session, call_id=name)


def used_by_session(log: RecordedCall) -> tuple[int, int]:
    """LiveKit's own count of what the model was paid for: tokens in and out."""
    (usage,) = log.call.session.usage.model_usage
    assert usage.type == "llm_usage"
    return usage.input_tokens, usage.output_tokens


def requests(turn: dict[str, Any]) -> list[tuple[str, str | None]]:
    """The responses in a turn: id, and how each went."""
    return [(op["request_id"], op.get("status")) for op in operations(turn, "realtime")]


async def test_plain_turn() -> None:
    """A question and its answer: both texts, both times, the response's tokens and its first sound."""
    model = ScriptedRealtimeModel([WHICH_DAY], pace=ModelPace(first_audio_s=0.15))
    async with recorded_call({}, pace=DEAF, speech_model=model, session_options=MODEL_LISTENS) as log:
        await log.call.start(agent())
        await log.call.says("Move my appointment.", 0.4)
        await log.call.agent_answers()
        await log.call.hang_up()

    (turn,) = log.turns
    assert turn["user"]["text"] == "Move my appointment."
    # LiveKit gives a transcript without a score the highest one.
    assert "confidence" not in turn["user"]
    assert turn["user"]["end_ms"] > 0
    assert turn["agent"]["text"] == WHICH_DAY.text
    (response,) = operations(turn, "realtime")
    assert (response["provider"], response["model"]) == ("openai", "gpt-realtime")
    assert (response["input_audio_tokens"], response["output_audio_tokens"]) == (310, 64)
    assert response["ttfb_ms"] == pytest.approx(model.reported[0].ttft * 1000, abs=0.2)
    assert response["ttfb_ms"] >= 148
    # When speech ended is the model's word, which comes with its verdict.
    assert turn["eou_latency_ms"] == pytest.approx(turn["agent"]["start_ms"] - turn["user"]["end_ms"], abs=0.2)
    assert turn["eou_latency_ms"] >= 148
    assert turn["eou_from"] == "turn_start"


@pytest.mark.parametrize("transcribes", [True, False], ids=["with words", "without words"])
async def test_metrics_that_come_after_a_barge_in(transcribes: bool) -> None:
    """A response that the caller cut off is part of the turn it was cut off in, however late its metrics come."""

    async def play(delay_s: float) -> tuple[ScriptedCall, SessionRecorder]:
        model = ScriptedRealtimeModel([WHICH_DAY, GOODBYE], pace=ModelPace(metrics_s=delay_s), transcribes=transcribes)
        call, recorder = scripted(model, f"barge-in-{delay_s}")
        await call.start(agent())
        await call.says("Move my appointment.", 0.2)
        await call.agent_starts()
        await asyncio.sleep(0.2)
        await call.says("Thanks, bye.", 0.2)
        await call.agent_answers()
        await until(lambda: len(model.reported) == 2)
        await call.hang_up()
        return call, recorder

    for delay_s, log in (await sweep(DELAYS_S, play)).items():
        assert [turn["turn"] for turn in sorted(log.turns, key=lambda turn: turn["ts"])] == [1, 2], delay_s
        cut, after = log.numbered_turns
        assert requests(cut) == [("resp-1", "cancelled")], delay_s
        assert requests(after) == [("resp-2", None)], delay_s
        assert cut["agent"]["interrupted"] is True
        assert "interrupted_by" not in cut["agent"]
        assert WHICH_DAY.text.startswith(cut["agent"]["text"])
        assert not log.of("usage"), delay_s
        assert used_by_session(log) == (total(log, "realtime", "input_tokens"), total(log, "realtime", "output_tokens"))
        assert [turn["user"].get("text") for turn in (cut, after)] == (
            ["Move my appointment.", "Thanks, bye."] if transcribes else [None, None]
        )
        for turn in (cut, after):
            assert turn["user"]["start_ms"] == 0
            assert turn["user"]["end_ms"] > 0
            assert turn["eou_latency_ms"] > 0


async def test_metrics_that_come_after_the_next_response_began() -> None:
    """Responses that follow each other closely keep their own metrics, though the first's come during the second."""

    async def play(delay_s: float) -> tuple[ScriptedCall, SessionRecorder]:
        replies = [ModelReply("Yes.", input_tokens=11, output_tokens=2), GOODBYE]
        model = ScriptedRealtimeModel(replies, pace=ModelPace(metrics_s=delay_s, silence_s=0.04))
        call, recorder = scripted(model, f"next-{delay_s}")
        await call.start(agent())
        await call.says("Are you there?", 0.1)
        await call.agent_answers()
        await call.says("Thanks, bye.", 0.1)
        await call.agent_answers()
        await until(lambda: len(model.reported) == 2)
        await call.hang_up()
        return call, recorder

    for delay_s, log in (await sweep(DELAYS_S, play)).items():
        first, second = log.numbered_turns
        assert (requests(first), requests(second)) == ([("resp-1", None)], [("resp-2", None)]), delay_s
        assert [operations(turn, "realtime")[0]["input_tokens"] for turn in (first, second)] == [11, 420]
        assert used_by_session(log) == (431, 33)


@pytest.mark.parametrize("names_items", [True, False], ids=["items named", "items not named"])
async def test_words_that_come_late(names_items: bool) -> None:
    """A transcript belongs to the words that it is of, whether it comes before the answer, in it or after it."""

    async def play(delay_s: float) -> tuple[ScriptedCall, SessionRecorder]:
        pace = ModelPace(transcript_s=delay_s, names_items=names_items)
        model = ScriptedRealtimeModel([ModelReply("Yes."), ModelReply("Bye.")], pace=pace)
        call, recorder = scripted(model, f"words-{delay_s}")
        await call.start(agent())
        await call.says("Are you there?", 0.1)
        await call.agent_answers()
        await call.says("Thanks, bye.", 0.1)
        await call.agent_answers()
        await until(lambda: sum(m.role == "user" for m in call.witness.messages) == 2)
        await call.hang_up()
        return call, recorder

    for delay_s, log in (await sweep(DELAYS_S, play)).items():
        texts = [(turn["user"]["text"], turn["agent"]["text"]) for turn in log.numbered_turns]
        assert texts == [("Are you there?", "Yes."), ("Thanks, bye.", "Bye.")], delay_s


@function_tool
async def find_slots(day: str) -> str:
    """Find free slots."""
    await asyncio.sleep(0.1)
    return "nine"


@pytest.mark.parametrize("replies_to_tools", [True, False], ids=["the model replies by itself", "the session asks"])
@pytest.mark.parametrize("filler", ["", "One moment."], ids=["no filler", "filler"])
async def test_tool_turn(replies_to_tools: bool, filler: str) -> None:
    """Filler, tool and answer are one turn, however long the model takes for the answer."""

    async def play(delay_s: float) -> tuple[ScriptedCall, SessionRecorder]:
        replies = [ModelReply(filler, tool=("find_slots", {"day": "Tuesday"})), ModelReply("Nine is free.")]
        pace = ModelPace(first_audio_s=delay_s, metrics_s=delay_s)
        model = ScriptedRealtimeModel(replies, pace=pace, replies_to_tools=replies_to_tools)
        call, recorder = scripted(model, f"tool-{delay_s}")
        await call.start(agent(tools=[find_slots]))
        await call.says("Anything on Tuesday?", 0.2)
        await until(lambda: any("Nine" in (m.text_content or "") for m in call.witness.messages))
        await until(lambda: len(model.reported) == 2)
        await call.hang_up()
        return call, recorder

    for delay_s, log in (await sweep(DELAYS_S, play)).items():
        (turn,) = log.turns
        assert turn["user"]["text"] == "Anything on Tuesday?"
        assert turn["agent"]["text"] == f"{filler} Nine is free.".strip(), delay_s
        assert [request for request, _ in requests(turn)] == ["resp-1", "resp-2"]
        assert [tool["name"] for tool in operations(turn, "tool")] == ["find_slots"]
        assert turn["agent"]["interrupted"] is False
        assert turn["eou_latency_ms"] >= delay_s * 1000 - 2
        assert not log.of("usage")


async def test_caller_who_speaks_while_the_model_still_thinks_about_a_tools_result() -> None:
    """The model's next response answers their new words: the turn before stays without an answer."""
    replies = [ModelReply(tool=("find_slots", {"day": "Tuesday"})), ModelReply("Never."), ModelReply("Nine is free.")]
    model = ScriptedRealtimeModel(replies, pace=ModelPace(first_audio_s=0.5), replies_to_tools=True)
    async with recorded_call({}, pace=DEAF, speech_model=model, session_options=MODEL_LISTENS) as log:
        await log.call.start(agent(tools=[find_slots]))
        await log.call.says("Anything on Tuesday?", 0.2)
        await until(lambda: model.count == 2)
        await log.call.says("Or on Wednesday?", 0.2)
        await log.call.agent_answers()
        await until(lambda: len(model.reported) == 3)
        await log.call.hang_up()

    asked, answered = log.numbered_turns
    assert (asked["user"]["text"], answered["user"]["text"]) == ("Anything on Tuesday?", "Or on Wednesday?")
    assert "agent" not in asked
    assert answered["agent"]["text"] == "Nine is free."
    assert requests(asked) == [("resp-1", None), ("resp-2", "cancelled")]
    assert requests(answered) == [("resp-3", None)]
    assert [tool["name"] for tool in operations(asked, "tool")] == ["find_slots"]


@pytest.mark.parametrize("replies_to_tools", [True, False], ids=["the model replies by itself", "the session asks"])
async def test_handoff(replies_to_tools: bool) -> None:
    """The next agent's first words, whenever it has the model make them, answer the caller who asked for it."""

    class Billing(Agent):
        def __init__(self, delay_s: float) -> None:
            super().__init__(instructions="You know every bill.")
            self.delay_s = delay_s

        async def on_enter(self) -> None:
            await asyncio.sleep(self.delay_s)
            self.session.generate_reply(instructions="Greet the caller.")

    async def play(delay_s: float) -> tuple[ScriptedCall, SessionRecorder]:
        @function_tool
        async def to_billing() -> Agent:
            """Hand over to billing."""
            return Billing(delay_s)

        replies = [ModelReply(tool=("to_billing", {})), ModelReply("Billing, good morning."), ModelReply("Goodbye.")]
        if replies_to_tools:
            # What the model says to the tool's result by itself comes between two agents: LiveKit passes over it.
            replies.insert(1, ModelReply("I have no idea."))
        model = ScriptedRealtimeModel(replies, replies_to_tools=replies_to_tools)
        call, recorder = scripted(model, f"handoff-{delay_s}")
        await call.start(agent(tools=[to_billing]))
        await call.says("My bill is wrong.", 0.2)
        await until(lambda: any("Billing" in (m.text_content or "") for m in call.witness.messages))
        await call.agent_finishes()
        await call.says("Thanks.", 0.2)
        await until(lambda: any("Goodbye" in (m.text_content or "") for m in call.witness.messages))
        await call.hang_up()
        return call, recorder

    for delay_s, log in (await sweep(DELAYS_S, play)).items():
        asked, thanked = log.numbered_turns
        assert (asked["user"]["text"], asked["agent"]["text"]) == ("My bill is wrong.", "Billing, good morning.")
        spoken = "resp-3" if replies_to_tools else "resp-2"
        assert requests(asked) == [("resp-1", None), (spoken, None)], delay_s
        assert asked["eou_latency_ms"] >= delay_s * 1000 - 2
        assert (thanked["user"]["text"], thanked["agent"]["text"]) == ("Thanks.", "Goodbye.")
        assert [mark["kind"] for mark in log.of("mark")] == ["handoff"]
        # The connection of the first agent is gone before it says what the reply that nobody heard has used.
        assert not log.of("usage")


async def test_typed_words_over_the_agent() -> None:
    """A caller who types while the model speaks interrupts it."""
    model = ScriptedRealtimeModel([WHICH_DAY, GOODBYE])
    async with recorded_call({}, pace=DEAF, speech_model=model, session_options=MODEL_LISTENS) as log:
        await log.call.start(agent())
        await log.call.says("Move my appointment.", 0.2)
        await log.call.agent_starts()
        await asyncio.sleep(0.2)
        await log.call.session.interrupt()
        log.call.session.generate_reply(user_input="Never mind.")
        await until(lambda: any(m.text_content == GOODBYE.text for m in log.call.witness.messages))
        await log.call.hang_up()

    cut, after = log.numbered_turns
    assert cut["agent"]["interrupted"] is True
    assert "interrupted_by" not in cut["agent"]
    assert after["user"] == {"text": "Never mind."}
    assert (requests(cut), requests(after)) == ([("resp-1", "cancelled")], [("resp-2", None)])


async def test_session_that_decides_when_the_caller_is_done() -> None:
    """With a voice detector of the session's own, the end of speech is heard, and the wait for it is its operation."""
    model = ScriptedRealtimeModel([WHICH_DAY], transcribes=False)
    pace = Pace(endpointing_s=0.25)
    async with recorded_call({}, pace=pace, speech_model=model) as log:
        await log.call.start(agent())
        await log.call.says("Move my appointment.", 0.4)
        await log.call.agent_answers()
        await until(lambda: bool(model.reported))
        await log.call.hang_up()

    (turn,) = log.turns
    assert turn["user"]["end_ms"] > 0
    assert "eou_from" not in turn
    (eot,) = operations(turn, "eot")
    assert eot["start_ms"] == turn["user"]["end_ms"]
    assert eot["duration_ms"] >= 248
    assert eot["setting_ms"] == 250
    assert requests(turn) == [("resp-1", None)]


async def test_greeting_and_typed_words() -> None:
    """A reply that the agent's code asks for is nobody's answer; typed words are a turn's words and have no times."""
    model = ScriptedRealtimeModel([ModelReply("Good morning."), ModelReply("You are Ann.")])
    async with recorded_call({}, pace=DEAF, speech_model=model, session_options=MODEL_LISTENS) as log:
        await log.call.start(agent())
        log.call.session.generate_reply(instructions="Greet the caller.")
        await log.call.agent_answers()
        log.call.session.generate_reply(user_input="Who am I?")
        await log.call.agent_answers()
        await log.call.hang_up()

    greeting, answer = log.turns
    assert "user" not in greeting
    assert answer["user"] == {"text": "Who am I?"}
    assert [requests(turn) for turn in (greeting, answer)] == [[("resp-1", None)], [("resp-2", None)]]


async def test_last_words_without_an_answer() -> None:
    """What the caller said before the line dropped is in the log, though no response came of it."""
    async with recorded_call(
        {}, pace=DEAF, speech_model=ScriptedRealtimeModel([]), session_options=MODEL_LISTENS
    ) as log:
        await log.call.start(agent())
        await log.call.says("Hello? Is anybody there?", 0.2)
        await until(lambda: bool(log.call.witness.messages))
        await log.call.hang_up()

    (turn,) = log.turns
    assert turn["user"]["text"] == "Hello? Is anybody there?"
    assert turn["user"]["end_ms"] > 0
    assert "agent" not in turn
