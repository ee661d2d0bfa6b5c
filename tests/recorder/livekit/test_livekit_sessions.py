"""Real LiveKit sessions, scripted at both ends: the log against the script and against an independent listener."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from livekit.agents import Agent, RunContext, function_tool
from livekit.agents.voice.room_io import TextInputEvent
from livekit.agents.voice.room_io.types import _default_text_input_cb

from support.livekit.log import RecordedCall, operations, recorded_call, total
from support.livekit.session import Pace, Reply, until

SLACK_MS = 5_000
"""How much later than prescribed things may happen on a busy machine. Never earlier."""

MOVE = "Hi, I need to move my appointment."
WHICH_DAY = Reply(
    "Of course. Which day suits you?", first_token_s=0.12, input_tokens=812, cached_tokens=512, output_tokens=24
)


def agent(**options: Any) -> Agent:
    return Agent(instructions="You book appointments.", **options)


def took(measured_ms: float, prescribed_s: float) -> bool:
    """Whether something took as long as prescribed: timers may fire a millisecond early, and late under load."""
    return prescribed_s * 1000 - 2 <= measured_ms <= prescribed_s * 1000 + SLACK_MS


def same_ms(logged_ms: float, seen_s: float) -> bool:
    """Whether a logged figure is what the listener saw, but for rounding."""
    return abs(logged_ms - seen_s * 1000) < 0.2


async def test_greeting() -> None:
    """An agent that speaks first makes a turn without a caller, with its words, its sound and its synthesis."""
    async with recorded_call({}) as log:
        await log.call.start(agent())
        log.call.session.say("Good morning, Green Street Clinic.")
        await log.call.agent_answers()
        await log.call.hang_up()

    (turn,) = log.turns
    (said,) = log.call.witness.messages
    assert turn["turn"] == 1
    assert "user" not in turn
    assert "eou_latency_ms" not in turn
    assert turn["agent"]["text"] == said.text_content == "Good morning, Green Street Clinic."
    assert turn["agent"]["interrupted"] is False
    (tts,) = operations(turn, "tts")
    assert (tts["provider"], tts["model"], tts["characters"]) == ("cartesia", "sonic-2", 34)
    (seen,) = log.call.witness.of("tts_metrics")
    assert tts["audio_s"] == pytest.approx(seen.audio_duration)
    assert same_ms(tts["ttfb_ms"], seen.ttfb)
    assert took(tts["ttfb_ms"], log.call.pace.tts_first_byte_s)
    assert took(turn["agent"]["end_ms"] - turn["agent"]["start_ms"], 34 / log.call.pace.characters_per_s)


async def test_plain_turn() -> None:
    """A question and its answer: each stage as long as prescribed, tokens and characters to the last one."""
    async with recorded_call({MOVE: WHICH_DAY}) as log:
        await log.call.start(agent())
        await log.call.says(MOVE, 0.4)
        await log.call.agent_answers()
        await log.call.hang_up()

    (turn,) = log.turns
    pace, witness = log.call.pace, log.call.witness
    assert turn["user"]["text"] == MOVE
    assert turn["user"]["start_ms"] == 0
    times = witness.messages[0].metrics
    assert same_ms(turn["user"]["end_ms"], times["stopped_speaking_at"] - times["started_speaking_at"])
    assert turn["agent"]["text"] == WHICH_DAY.text
    asked, answered = witness.messages
    assert same_ms(turn["eou_latency_ms"], answered.metrics["e2e_latency"])
    assert turn["eou_latency_ms"] == pytest.approx(turn["agent"]["start_ms"] - turn["user"]["end_ms"], abs=0.3)
    assert "eou_from" not in turn

    (stt,), (eot,) = operations(turn, "stt"), operations(turn, "eot")
    assert stt["start_ms"] == eot["start_ms"] == turn["user"]["end_ms"]
    assert same_ms(stt["ttfb_ms"], asked.metrics["transcription_delay"])
    assert 0 < stt["ttfb_ms"] <= SLACK_MS
    assert took(eot["duration_ms"], pace.endpointing_s)
    assert eot["setting_ms"] == pace.endpointing_s * 1000
    assert turn["user"]["confidence"] == 0.97
    assert "duration_ms" not in stt
    assert (stt["provider"], stt["model"]) == ("deepgram", "nova-3")
    assert stt["audio_s"] == pytest.approx(sum(m.audio_duration for m in witness.of("stt_metrics")))

    (llm,), (tts,) = operations(turn, "llm"), operations(turn, "tts")
    (seen,) = witness.of("llm_metrics")
    assert (llm["provider"], llm["model"]) == ("groq", "llama-3.1-8b-instant")
    assert (llm["input_tokens"], llm["cached_input_tokens"], llm["output_tokens"]) == (812, 512, 24)
    assert same_ms(llm["ttfb_ms"], seen.ttft)
    assert same_ms(llm["duration_ms"], seen.duration)
    assert took(llm["ttfb_ms"], 0.12)
    assert "status" not in llm
    assert tts["characters"] == len(WHICH_DAY.text)
    # The empty hook of the agent takes a millisecond on a busy machine, and is an operation then.
    stages = [operation["stage"] for operation in turn["operations"] if operation["stage"] != "hook"]
    assert stages == ["stt", "eot", "llm", "tts"]


async def test_two_sentences_are_two_syntheses() -> None:
    """Sentences synthesised one by one are operations of one turn, every character counted once."""
    text = "Doctor Lange is free on Tuesday morning at nine. On Thursday she could see you at four in the afternoon."
    async with recorded_call({"When?": Reply(text, input_tokens=10, output_tokens=20)}) as log:
        await log.call.start(agent())
        await log.call.says("When?")
        await log.call.agent_answers()
        await log.call.hang_up()

    (turn,) = log.turns
    seen = log.call.witness.of("tts_metrics")
    assert [tts["characters"] for tts in operations(turn, "tts")] == [m.characters_count for m in seen]
    assert len(seen) == 2
    assert turn["agent"]["text"] == text


def booking_agent(*, says_itself: bool) -> Agent:
    """An agent with one slow tool; the filler is the model's words, or spoken by the tool."""

    @function_tool
    async def find_slots(context: RunContext[Any], day: str) -> str:
        """Find free slots."""
        if says_itself:
            context.session.say("One moment, I am looking.")
        await asyncio.sleep(0.5)
        return "nine o'clock"

    return agent(tools=[find_slots])


@pytest.mark.parametrize("says_itself", [False, True], ids=["the model's filler", "the tool's filler"])
async def test_tool_turn_with_filler(says_itself: bool) -> None:
    """Filler, tool and answer are one turn: both model steps, the tool, and the silence between the two voices."""
    filler = "" if says_itself else "One moment, I am looking."
    replies = {
        "Anything on Tuesday?": Reply(
            filler, input_tokens=900, output_tokens=18, tool=("find_slots", {"day": "Tuesday"})
        ),
        "tool:find_slots": Reply("Nine o'clock is free.", first_token_s=0.1, input_tokens=950, output_tokens=9),
    }
    async with recorded_call(replies) as log:
        await log.call.start(booking_agent(says_itself=says_itself))
        await log.call.says("Anything on Tuesday?")
        await log.call.agent_answers()
        await asyncio.sleep(0.3)
        await log.call.agent_finishes()
        await log.call.hang_up()

    (turn,) = log.turns
    assert turn["turn"] == 1
    assert turn["user"]["text"] == "Anything on Tuesday?"
    assert turn["agent"]["text"] == "One moment, I am looking. Nine o'clock is free."
    first, second = operations(turn, "llm")
    assert [(llm["input_tokens"], llm["output_tokens"]) for llm in (first, second)] == [(900, 18), (950, 9)]
    assert same_ms(first["ttfb_ms"], log.call.witness.of("llm_metrics")[0].ttft)
    (tool,) = operations(turn, "tool")
    assert tool["name"] == "find_slots"
    assert took(tool["duration_ms"], 0.5)
    assert sum(tts["characters"] for tts in operations(turn, "tts")) == 25 + 21
    (filler_start, filler_end), (answer_start, answer_end) = turn["agent"]["spans"]
    assert turn["agent"]["start_ms"] == filler_start < filler_end < answer_start < answer_end == turn["agent"]["end_ms"]
    assert turn.get("eou_latency_ms", filler_start - turn["user"]["end_ms"]) == pytest.approx(
        filler_start - turn["user"]["end_ms"], abs=0.3
    )


LONG = (
    "We are open from Monday to Friday, from eight in the morning to six in the evening, and on Saturdays until noon."
)


@pytest.mark.parametrize("pausable", [False, True], ids=["stopped at once", "paused, then stopped"])
async def test_barge_in(pausable: bool) -> None:
    """A caller who talks over the agent interrupts it: cut text, the flag, and a turn of their own."""
    replies = {"Opening hours?": Reply(LONG, input_tokens=5, output_tokens=30), "Thanks, bye.": Reply("Goodbye.")}
    async with recorded_call(replies, pace=Pace(pausable=pausable)) as log:
        await log.call.start(agent())
        await log.call.says("Opening hours?")
        await log.call.agent_starts()
        await asyncio.sleep(0.3)
        over = await log.call.says("Thanks, bye.", 0.4)
        await log.call.agent_answers()
        await log.call.hang_up()

    cut, after = log.turns
    heard = next(m for m in log.call.witness.messages if m.role == "assistant" and m.interrupted)
    assert cut["agent"]["interrupted"] is True
    assert "interrupted_by" not in cut["agent"]
    assert cut["agent"]["text"] == heard.text_content
    assert LONG.startswith(cut["agent"]["text"])
    assert 20 < len(cut["agent"]["text"]) < len(LONG)
    stopped_s = over.start_s + log.call.pace.interruption_s
    played_ms = (stopped_s - heard.metrics["started_speaking_at"]) * 1000
    assert cut["agent"]["end_ms"] - cut["agent"]["start_ms"] == pytest.approx(played_ms, abs=600)
    assert sum(tts["characters"] for tts in operations(cut, "tts")) == sum(
        m.characters_count for m in log.call.witness.of("tts_metrics")[:-1]
    )
    assert (after["user"]["text"], after["agent"]["interrupted"]) == ("Thanks, bye.", False)
    heard_s = [operations(turn, "stt")[0]["audio_s"] for turn in (cut, after)]
    assert heard_s == pytest.approx([m.audio_duration for m in log.call.witness.of("stt_metrics")])
    assert [turn["turn"] for turn in log.turns] == [1, 2]


async def test_false_interruption() -> None:
    """A cough pauses the agent and it goes on: a mark, a gap in its sound, no interruption, and no one's words."""
    replies = {"Opening hours?": Reply(LONG, input_tokens=5, output_tokens=30), "Thanks.": Reply("Goodbye.")}
    async with recorded_call(replies) as log:
        await log.call.start(agent())
        await log.call.says("Opening hours?")
        await log.call.agent_starts()
        await asyncio.sleep(0.3)
        await log.call.noise(0.2)
        await asyncio.sleep(0.1)
        await log.call.agent_answers()
        thanks = await log.call.says("Thanks.")
        await log.call.agent_answers()
        await log.call.hang_up()

    turn, after = log.turns
    assert log.call.witness.false_interruptions == 1
    assert [mark["kind"] for mark in log.of("mark")] == ["false_interruption"]
    assert turn["agent"]["interrupted"] is False
    assert turn["agent"]["text"] == LONG
    (_, paused_ms), (resumed_ms, _) = turn["agent"]["spans"]
    silent_s = 0.2 - log.call.pace.interruption_s + log.call.pace.vad_hangover_s + log.call.pace.false_interruption_s
    # Under load the pause begins late, while the end of the silence stands: it can be shorter as well as longer.
    assert resumed_ms - paused_ms == pytest.approx(silent_s * 1000, abs=400)
    # The words began with the caller's voice, not with the cough a second before.
    assert after["user"]["end_ms"] == pytest.approx((thanks.end_s - thanks.start_s) * 1000, abs=400)


async def test_discarded_attempt_stands_in_the_turn_it_tried_to_answer() -> None:
    """A preemptive generation that was thrown away keeps its tokens, cancelled, in the turn of the whole sentence."""
    replies = {
        "I need": Reply("What do you need?", first_token_s=1.0, input_tokens=700, output_tokens=6),
        "I need a taxi.": Reply("Where to?", first_token_s=0.1, input_tokens=703, output_tokens=4),
    }
    async with recorded_call(replies, pace=Pace(preemptive=True, endpointing_s=0.4, stt_final_s=0.04)) as log:
        await log.call.start(agent())
        await log.call.says("I need", 0.2)
        await asyncio.sleep(0.2)
        await log.call.says("a taxi.", 0.2)
        await log.call.agent_answers()
        await log.call.hang_up()

    (turn,) = log.turns
    assert turn["turn"] == 1
    assert turn["user"]["text"] == "I need a taxi."
    thrown_away, used = operations(turn, "llm")
    assert thrown_away["status"] == "cancelled"
    assert thrown_away["input_tokens"] == 700
    assert "ttfb_ms" not in thrown_away
    assert ("status" in used, used["input_tokens"], used["output_tokens"]) == (False, 703, 4)
    assert turn["agent"]["text"] == "Where to?"
    assert turn["agent"]["interrupted"] is False
    assert total(log, "llm", "input_tokens") == sum(m.prompt_tokens for m in log.call.witness.of("llm_metrics"))


async def test_discarded_synthesis_is_cancelled_like_the_words_it_spoke() -> None:
    """Audio that was made ahead for an answer nobody heard is billed and cancelled: its first byte is no one's wait."""
    replies = {
        "I need": Reply("What do you need?", input_tokens=700, output_tokens=6),
        "I need a taxi.": Reply("Where to?", input_tokens=703, output_tokens=4),
    }
    pace = Pace(preemptive=True, preemptive_tts=True, endpointing_s=0.6, stt_final_s=0.04)
    async with recorded_call(replies, pace=pace) as log:
        await log.call.start(agent())
        await log.call.says("I need", 0.2)
        await until(lambda: bool(log.call.witness.of("tts_metrics")))
        await log.call.says("a taxi.", 0.2)
        await log.call.agent_answers()
        await log.call.hang_up()

    (turn,) = log.turns
    assert turn["agent"]["text"] == "Where to?"
    made_ahead, played = operations(turn, "tts")
    assert (made_ahead["status"], made_ahead["characters"]) == ("cancelled", len("What do you need?"))
    assert ("status" in played, played["characters"]) == (False, len("Where to?"))
    assert made_ahead["start_ms"] < turn["user"]["end_ms"] < played["start_ms"] + played["ttfb_ms"]
    assert [llm.get("status") for llm in operations(turn, "llm")] == ["cancelled", None]


async def test_speech_without_a_transcript() -> None:
    """Where the session is told how long to wait for a transcript, speech that got none is a mark."""
    async with recorded_call({}, session_options={"transcription_timeout": 0.2}) as log:
        await log.call.start(agent())
        await log.call.noise(0.3)
        await until(lambda: bool(log.of("mark")))
        await log.call.hang_up()

    assert [mark["kind"] for mark in log.of("mark")] == ["unheard"]
    assert log.turns == []


async def test_caller_who_goes_on_after_the_verdict_opens_the_next_turn() -> None:
    """Speech that resumes before the answer is heard cancels that answer: two turns, the first without an agent."""
    replies = {
        "Hold on.": Reply("Sure.", first_token_s=1.0, input_tokens=70, output_tokens=2),
        "I am back.": Reply("Welcome back.", input_tokens=80, output_tokens=3),
    }
    async with recorded_call(replies) as log:
        await log.call.start(agent())
        await log.call.says("Hold on.", 0.2)
        await asyncio.sleep(0.5)
        await log.call.says("I am back.", 0.2)
        await log.call.agent_answers()
        await log.call.hang_up()

    unanswered, answered = log.turns
    assert "agent" not in unanswered
    assert "eou_latency_ms" not in unanswered
    (given_up,) = operations(unanswered, "llm")
    assert (given_up["status"], given_up["input_tokens"]) == ("cancelled", 70)
    assert answered["agent"]["text"] == "Welcome back."


async def test_hang_up_in_mid_sentence() -> None:
    """A line that drops under the agent's words is a hang-up, not an interruption by the caller."""
    async with recorded_call({"Opening hours?": Reply(LONG, input_tokens=5, output_tokens=30)}) as log:
        await log.call.start(agent())
        await log.call.says("Opening hours?")
        await log.call.agent_starts()
        await asyncio.sleep(0.3)
        await log.call.hang_up()

    (turn,) = log.turns
    assert turn["agent"]["interrupted"] is True
    assert turn["agent"]["interrupted_by"] == "hangup"
    assert LONG.startswith(turn["agent"]["text"])
    assert len(turn["agent"]["text"]) < len(LONG)
    assert log.ended["end_reason"] == "caller_hangup"
    assert log.ended["tags"] == {"close_reason": "participant_disconnected"}
    assert log.events[-1] == log.ended


async def test_agent_that_interrupts_itself() -> None:
    """The agent's own code cutting it short is neither the caller nor the line that drops a moment later."""
    async with recorded_call({"Opening hours?": Reply(LONG)}) as log:
        await log.call.start(agent())
        await log.call.says("Opening hours?")
        await log.call.agent_starts()
        await asyncio.sleep(0.2)
        await log.call.session.interrupt()
        await log.call.hang_up()

    (turn,) = log.turns
    assert turn["agent"]["interrupted_by"] == "agent"
    assert log.ended["end_reason"] == "caller_hangup"


@pytest.mark.parametrize("waits", [True, False], ids=["as the room does", "without waiting"])
async def test_typed_words_over_the_agent(waits: bool) -> None:
    """A caller who types while the agent speaks interrupts it, though it is the session's code that stops it."""
    replies = {"Opening hours?": Reply(LONG), "From when on?": Reply("From eight.", input_tokens=7)}
    async with recorded_call(replies) as log:
        await log.call.start(agent())
        await log.call.says("Opening hours?")
        await log.call.agent_starts()
        await asyncio.sleep(0.2)
        await _types(log, "From when on?", waits=waits)
        await until(lambda: any(m.text_content == "From eight." for m in log.call.witness.messages))
        await log.call.hang_up()

    cut, after = log.turns
    assert cut["agent"]["interrupted"] is True
    assert "interrupted_by" not in cut["agent"]
    assert after["user"] == {"text": "From when on?"}
    assert after["agent"]["text"] == "From eight."
    assert operations(after, "llm")[0]["input_tokens"] == 7
    assert not operations(after, "eot")


async def _types(log: RecordedCall, text: str, *, waits: bool) -> None:
    if waits:
        event = TextInputEvent(text=text, info=None, participant=None)
        await _default_text_input_cb(log.call.session, event)
    else:
        log.call.session.interrupt()
        log.call.session.generate_reply(user_input=text)


async def test_agent_that_hangs_up_on_itself() -> None:
    """An agent that closes the session under its own words ends the call, and interrupts itself."""
    async with recorded_call({"Opening hours?": Reply(LONG)}) as log:
        await log.call.start(agent())
        await log.call.says("Opening hours?")
        await log.call.agent_starts()
        await asyncio.sleep(0.2)
        await log.call.session.aclose()

    (turn,) = log.turns
    assert turn["agent"]["interrupted_by"] == "agent"
    assert log.ended["end_reason"] == "agent_hangup"
    assert log.ended["tags"] == {"close_reason": "user_initiated"}


async def test_usage_that_belongs_to_no_turn() -> None:
    """A model asked outside the dialogue, and sound that became no words, are billed without a turn."""
    async with recorded_call({"Summarise.": Reply("A short call.", input_tokens=300, output_tokens=5)}) as log:
        await log.call.start(agent())
        await log.call.noise(0.2)
        await asyncio.sleep(0.4)
        await _ask_outside(log)
        await log.call.hang_up()

    assert log.turns == []
    llm, stt = [operation for usage in log.of("usage") for operation in usage["operations"]]
    assert (llm["stage"], llm["input_tokens"], llm["output_tokens"]) == ("llm", 300, 5)
    assert "start_ms" not in llm
    assert stt["audio_s"] == pytest.approx(sum(m.audio_duration for m in log.call.witness.of("stt_metrics")))


async def _ask_outside(log: RecordedCall) -> None:
    from livekit.agents import ChatContext

    context = ChatContext.empty()
    context.add_message(role="user", content="Summarise.")
    async with log.call.llm.chat(chat_ctx=context) as stream:
        async for _ in stream:
            pass
    await asyncio.sleep(0.05)
