"""What a log says was used, against LiveKit's own count of it, to the token."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest
from livekit.agents import Agent, APIConnectOptions, inference

from support.livekit.detectors import ScriptedInterruptionStream, ScriptedTurnDetector
from support.livekit.log import DELAYS_S, RecordedCall, operations, recorded_call, sweep
from support.livekit.models import ScriptedLLM
from support.livekit.session import Pace, Reply, ScriptedCall, until
from voicetel.recorder.livekit import SessionRecorder, record
from voicetel.testing import capture_events

REPLIES = {
    "I need Doctor Lange.": Reply(
        "Of course. Which day suits you?", input_tokens=812, cached_tokens=512, output_tokens=24
    ),
    "Tuesday.": Reply("Nine o'clock is free. Shall I book it?", input_tokens=871, cached_tokens=768, output_tokens=31),
}
QUANTITIES = {
    "input_tokens": "input_tokens",
    "input_cached_tokens": "cached_input_tokens",
    "output_tokens": "output_tokens",
    "characters_count": "characters",
    "audio_duration": "audio_s",
    "total_requests": "requests",
}
"""LiveKit's names of quantities → ours."""

STAGES = {
    "llm_usage": "llm",
    "tts_usage": "tts",
    "stt_usage": "stt",
    "eot_usage": "eot",
    "interruption_usage": "interruption",
}


def logged(log: RecordedCall) -> Counter[tuple[str, str, str]]:
    """Everything the log says was used: (stage, model, quantity) → how much."""
    used: Counter[tuple[str, str, str]] = Counter()
    for line in log.events:
        for operation in line.get("operations", []):
            for quantity in QUANTITIES.values():
                used[operation["stage"], operation.get("model", ""), quantity] += operation.get(quantity, 0)
    return +used


def counted(call: ScriptedCall) -> Counter[tuple[str, str, str]]:
    """The same by the session's own count."""
    used: Counter[tuple[str, str, str]] = Counter()
    for usage in call.session.usage.model_usage:
        for name, quantity in QUANTITIES.items():
            used[STAGES[usage.type], usage.model, quantity] += getattr(usage, name, 0)
    return +used


def check_same(log: RecordedCall) -> None:
    """Both agree, to the last token; seconds of audio but for rounding."""
    assert dict(logged(log)) == pytest.approx(dict(counted(log.call)), abs=1e-4)


async def converse(log: RecordedCall) -> None:
    """Two questions, two answers, and a noise that comes to nothing."""
    await log.call.start(Agent(instructions="You book appointments."))
    for line in REPLIES:
        await log.call.says(line)
        await log.call.agent_answers()
    await log.call.noise(0.1)
    await asyncio.sleep(0.5)


async def test_usage_is_the_sessions_own() -> None:
    """Tokens, cached tokens, characters and seconds of every model add up to LiveKit's count of them."""
    async with recorded_call(REPLIES) as log:
        await converse(log)
        await log.call.hang_up()

    assert logged(log)["llm", "llama-3.1-8b-instant", "input_tokens"] == 812 + 871
    check_same(log)


def looks_for_key_terms(model: ScriptedLLM) -> dict[str, Any]:
    """Session options that have this model look for key terms at every turn."""
    model.otherwise = Reply("No key terms.", input_tokens=150, output_tokens=7)
    return {"stt_context_options": {"keyterm_detection": {"enabled": True, "llm": model, "turn_interval": 1}}}


async def test_key_terms_are_paid_for_and_are_no_part_of_the_answer() -> None:
    """The model that looks for key terms is usage of the call: its first token is not what the caller waited for."""
    options = looks_for_key_terms(ScriptedLLM({}, "api.openai.com", "gpt-4o-mini"))
    async with recorded_call(REPLIES, session_options=options) as log:
        await converse(log)
        await until(lambda: counted(log.call)["llm", "gpt-4o-mini", "input_tokens"] == 300)
        await log.call.hang_up()

    assert [op["model"] for turn in log.turns for op in operations(turn, "llm")] == ["llama-3.1-8b-instant"] * 2
    assert logged(log)["llm", "gpt-4o-mini", "output_tokens"] == 14
    check_same(log)


async def test_key_terms_that_come_late() -> None:
    """However long the model that looks for key terms takes: it is usage of the call, and no turn's answer."""

    async def play(delay_s: float) -> tuple[ScriptedCall, SessionRecorder]:
        model = ScriptedLLM({}, "api.openai.com", "gpt-4o-mini")
        options = looks_for_key_terms(model)
        model.otherwise = Reply("No key terms.", input_tokens=150, output_tokens=7, first_token_s=delay_s)
        call = ScriptedCall(REPLIES, **options)
        recorder = record(call.session, call_id=f"terms-{delay_s}")
        await call.start(Agent(instructions="You book appointments."))
        for line in REPLIES:
            await call.says(line)
            await call.agent_answers()
        await until(lambda: counted(call)["llm", "gpt-4o-mini", "input_tokens"] == 300)
        await call.hang_up()
        return call, recorder

    for delay_s, log in (await sweep(DELAYS_S, play)).items():
        models = [op["model"] for turn in log.turns for op in operations(turn, "llm")]
        assert models == ["llama-3.1-8b-instant"] * 2, delay_s
        assert logged(log)["llm", "gpt-4o-mini", "output_tokens"] == 14
        check_same(log)


async def test_one_model_for_two_tasks_is_paid_once() -> None:
    """Where the agent's own model looks for key terms as well, LiveKit counts each request twice; the log does not."""
    with capture_events() as events:
        call = ScriptedCall(REPLIES)
        options = looks_for_key_terms(call.llm)
        call = ScriptedCall(REPLIES, llm=call.llm, **options)
        log = RecordedCall(call, record(call.session, call_id="c-1"), events)
        await converse(log)
        await until(lambda: counted(call)["llm", "llama-3.1-8b-instant", "output_tokens"] == 2 * (24 + 31 + 7 + 7))
        await call.hang_up()

    assert logged(log)["llm", "llama-3.1-8b-instant", "output_tokens"] == 24 + 31 + 7 + 7


async def test_end_of_turn_model() -> None:
    """The model that decides whether the caller is done is asked at their pauses: part of the verdict that it gave."""
    detector = ScriptedTurnDetector()
    pace = Pace(vad_hangover_s=0.25, endpointing_s=0.4)
    async with recorded_call(REPLIES, pace=pace, session_options={"turn_detection": detector}) as log:
        await converse(log)
        await log.call.hang_up()

    for turn in log.turns:
        (verdict,) = operations(turn, "eot")
        assert (verdict["provider"], verdict["model"]) == ("livekit", "turn-detector-v1-mini")
        assert verdict["requests"] >= 1
        assert verdict["setting_ms"] == 400
        assert verdict["duration_ms"] >= 398
    check_same(log)


async def test_end_of_turn_model_that_has_the_agent_wait() -> None:
    """A caller who seems not to be done is given the longer of the two delays: that is the setting then."""
    detector = ScriptedTurnDetector(probability=0.0)
    pace = Pace(vad_hangover_s=0.25, endpointing_s=0.2)
    replies = {"I need Doctor Lange.": REPLIES["I need Doctor Lange."]}
    async with recorded_call(replies, pace=pace, session_options={"turn_detection": detector}) as log:
        await log.call.start(Agent(instructions="You book appointments."))
        await log.call.says("I need Doctor Lange.")
        await log.call.agent_answers()
        await log.call.hang_up()

    (verdict,) = operations(log.turns[0], "eot")
    assert verdict["setting_ms"] == 800
    assert verdict["duration_ms"] >= 798


async def test_interruption_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """The model that tells an interruption from a word of agreement is usage of the call."""
    monkeypatch.setenv("LIVEKIT_API_KEY", "key")
    monkeypatch.setenv("LIVEKIT_API_SECRET", "secret")
    monkeypatch.setattr(inference.AdaptiveInterruptionDetector, "_ensure_session", lambda _: None)
    monkeypatch.setattr(
        inference.AdaptiveInterruptionDetector,
        "stream",
        lambda self, **_: ScriptedInterruptionStream(model=self, conn_options=APIConnectOptions()),
    )
    replies = {"Opening hours?": Reply("We are open from Monday to Friday. " * 4), "Thanks, bye.": Reply("Goodbye.")}
    async with recorded_call(replies, session_options={"interruption_mode": "adaptive"}) as log:
        await log.call.start(Agent(instructions="You book appointments."))
        await log.call.says("Opening hours?")
        await log.call.agent_starts()
        await asyncio.sleep(0.2)
        await log.call.says("Thanks, bye.", 0.5)
        await log.call.agent_answers()
        await log.call.hang_up()

    assert [turn["agent"]["interrupted"] for turn in log.turns] == [True, False]
    assert logged(log)["interruption", "adaptive interruption", "requests"] >= 2
    check_same(log)


async def test_one_transcriber_of_two_sessions_is_counted_by_both() -> None:
    """A transcriber's reports name no session: where two share one object both count them, as LiveKit does."""
    with capture_events() as events:
        first = ScriptedCall(REPLIES)
        second = ScriptedCall(REPLIES, stt=first.stt)
        logs = [RecordedCall(c, record(c.session, call_id=f"c-{i}"), events) for i, c in enumerate((first, second))]
        for log in logs:
            await log.call.start(Agent(instructions="You book appointments."))
        await first.says("Tuesday.")
        await first.agent_answers()
        for log in logs:
            await log.call.hang_up()

    assert [logged(log)["stt", "nova-3", "audio_s"] > 0 for log in logs] == [True, True]
    for log in logs:
        check_same(log)
