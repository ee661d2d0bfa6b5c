"""Which turn a thing belongs to: the tracker and the requests by themselves, with times set by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.pipecat.services import Reply, ScriptedLLM, ScriptedRealtime, ScriptedSTT, ScriptedTTS

from pipecat.metrics.metrics import (  # isort: skip  support silences what Pipecat warns of when it is imported
    LLMTokenUsage,
    LLMUsageMetricsData,
    STTUsage,
    STTUsageMetricsData,
    TTFBMetricsData,
    TTSUsageMetricsData,
)
from pipecat.services.llm_service import LLMService  # isort: skip
from pipecat.services.openai.llm import OpenAILLMService  # isort: skip

from voicetel.events.operation import Operation
from voicetel.recorder.pipecat.open_turn import OpenTurn, one_per_service
from voicetel.recorder.pipecat.requests import Requests
from voicetel.recorder.pipecat.services import operation_of, stage_of, tokens_of
from voicetel.recorder.pipecat.turn_tracker import TurnTracker

if TYPE_CHECKING:
    from collections.abc import Iterator

LLM, TTS, STT = ScriptedLLM([]), ScriptedTTS(), ScriptedSTT()


class Stage:
    """A tracker with its requests, and the turns that it has emitted."""

    def __init__(self) -> None:
        self.emitted: list[OpenTurn] = []
        self.tracker = TurnTracker(self.emitted.append)
        self.requests = Requests(self.tracker, {})

    def caller(self, begin_s: float, end_s: float, endpointed_s: float, text: str | None = "a") -> None:
        """The caller speaks and is judged to be done."""
        self.tracker.caller.voice_started(begin_s)
        self.tracker.caller_turn_started(begin_s + 0.1)
        self.tracker.caller.voice_stopped(end_s)
        if text is not None:
            self.tracker.caller_text(text, begin_s + 0.1)
        self.tracker.caller_turn_ended(endpointed_s)

    def agent(self, begin_s: float, end_s: float, made_s: float | None = None) -> None:
        """The agent's audio is made and played."""
        self.requests.audio(TTS, end_s - begin_s if made_s is None else made_s, begin_s)
        self.tracker.playback_started(begin_s)
        self.tracker.playback_stopped(end_s)

    def report(self, data: Any, at_s: float, source: Any) -> None:
        """A service reports a measure."""
        self.requests.metrics([data], source, at_s)

    def close(self, at_s: float = 100.0) -> list[dict[str, Any]]:
        """End the call; give the turns as events."""
        self.tracker.close(at_s, "agent")
        return [turn.event("c", number) for number, turn in enumerate(self.emitted, 1)]


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A call that begins."""
    return Stage()  # type: ignore[return-value]


@pytest.mark.parametrize(("silence_s", "turns"), [(0.5, 1), (2.9, 1), (3.1, 2), (30.0, 2)])
def test_speech_unasked_after_a_silence_is_a_turn_of_its_own(stage: Stage, silence_s: float, turns: int) -> None:
    """Up to three seconds it is the same reply; later it is a re-prompt."""
    stage.caller(1, 2, 2.5)
    stage.agent(3, 4)
    stage.agent(4 + silence_s, 5 + silence_s)
    events = stage.close()
    assert len(events) == turns
    assert all(("user" in event) == (number == 0) for number, event in enumerate(events))


def test_slow_answer_is_the_answer(stage: Stage) -> None:
    """However long it takes until the agent is heard, it answers the caller."""
    stage.caller(1, 2, 2.5)
    stage.agent(32, 33)
    [event] = stage.close()
    assert event["eou_latency_ms"] == 30_000


@pytest.mark.parametrize(("noticed_s", "end_ms"), [(5.0, 2000), (5.35, 2000), (4.5, 1500)])
def test_audio_ends_when_what_was_made_is_played(stage: Stage, noticed_s: float, end_ms: float) -> None:
    """A transport notices silence late: the end is the start and the length of the audio, never after it was noticed."""
    stage.requests.audio(TTS, 2.0, 3.0)
    stage.tracker.playback_started(3.0)
    stage.tracker.playback_stopped(noticed_s)
    [event] = stage.close()
    assert event["agent"]["end_ms"] == end_ms


@pytest.mark.parametrize(
    ("cut_s", "interrupted", "end_ms"), [(3.5, True, 600), (4.9, True, 2000), (4.96, False, 1960), (5.2, False, 2000)]
)
def test_interruption_after_the_last_sound_cuts_nothing(
    stage: Stage, cut_s: float, interrupted: bool, end_ms: float
) -> None:
    """Until a transport notices the silence it still says that the agent speaks; what was made tells better."""
    stage.requests.audio(TTS, 2.0, 3.0)
    stage.tracker.playback_started(3.0)
    stage.tracker.caller.voice_started(cut_s)
    stage.tracker.caller_turn_started(cut_s)
    stage.tracker.interrupted(cut_s)
    stage.tracker.playback_stopped(cut_s + 0.1)
    [event] = stage.close()
    assert event["agent"]["interrupted"] is interrupted
    assert event["agent"]["end_ms"] == pytest.approx(end_ms, abs=0.11)


@pytest.mark.parametrize(("caller_speaks", "by"), [(True, None), (False, "agent")])
def test_who_interrupts(stage: Stage, caller_speaks: bool, by: str | None) -> None:
    """An interruption while the caller's turn goes on is theirs; any other is the agent's own."""
    stage.requests.audio(TTS, 5.0, 3.0)
    stage.tracker.playback_started(3.0)
    if caller_speaks:
        stage.tracker.caller_turn_started(3.5)
    stage.tracker.interrupted(4.0)
    stage.tracker.playback_stopped(4.0)
    [event] = stage.close()
    assert event["agent"]["interrupted"] is True
    assert event["agent"].get("interrupted_by") == by


def test_interruption_of_nobody(stage: Stage) -> None:
    """Every turn of the caller's interrupts the pipeline; where the agent is silent that cuts nobody off."""
    stage.tracker.interrupted(1.0)
    stage.caller(1, 2, 2.5)
    stage.agent(3, 4)
    stage.tracker.interrupted(6.0)
    [event] = stage.close()
    assert event["agent"]["interrupted"] is False


def test_end_of_speech_that_is_not_known(stage: Stage) -> None:
    """Without a voice detector the response counts from when the end of the turn was detected, and the log says so."""
    stage.tracker.caller_turn_started(1.0)
    stage.tracker.caller_text("a", 1.0)
    stage.tracker.caller_turn_ended(2.0)
    stage.agent(2.7, 4.0)
    [event] = stage.close()
    assert (event["eou_latency_ms"], event["eou_from"]) == (700, "turn_start")
    assert event["user"] == {"text": "a"}
    assert "operations" not in event or all(o["stage"] != "eot" for o in event["operations"])


@pytest.mark.parametrize("late_s", [0.0, 0.2, 1.0, 2.5])
def test_words_that_come_late_are_of_their_turn(stage: Stage, late_s: float) -> None:
    """A speech-to-speech model reports what it heard when it pleases, in the next turn of the caller's perhaps."""
    stage.caller(1, 2, 2.2, None)
    stage.tracker.playback_started(2.5)
    stage.tracker.caller.voice_started(4.0)
    stage.tracker.caller_turn_started(4.0)
    stage.tracker.caller_text("first", 1.1 + late_s / 10)
    stage.tracker.caller_text("second", 4.0)
    stage.tracker.caller.voice_stopped(5.0)
    stage.tracker.caller_turn_ended(5.2)
    stage.tracker.playback_stopped(5.3)
    assert [event["user"]["text"] for event in stage.close()] == ["first", "second"]


@pytest.mark.parametrize("reported_s", [2.3, 3.5, 6.0])
def test_time_to_the_transcript_is_of_the_turn_it_ends(stage: Stage, reported_s: float) -> None:
    """Pipecat reports it seconds later for transcribers without a final mark: it is not the next turn's."""
    stage.caller(1, 2, 2.2)
    stage.report(TTFBMetricsData(processor=STT.name, value=0.15), reported_s, STT)
    stage.caller(10, 11, 11.2)
    first, second = stage.close()
    [stt] = [o for o in first["operations"] if o["stage"] == "stt"]
    assert (stt["start_ms"], stt["ttfb_ms"]) == (1000, 150)
    assert all(o["stage"] != "stt" for o in second["operations"])


def test_transcribers_reports_are_one_operation(stage: Stage) -> None:
    """A turn with a pause has several: all of the audio, and the time of the last."""
    stage.tracker.caller.voice_started(1.0)
    stage.tracker.caller_turn_started(1.0)
    for value, seconds in ((0.3, 1.5), (0.2, 2.0)):
        stage.report(TTFBMetricsData(processor=STT.name, value=value), 2.0, STT)
        stage.report(STTUsageMetricsData(processor=STT.name, value=STTUsage(audio_seconds=seconds)), 2.0, STT)
    stage.tracker.caller.voice_stopped(4.0)
    stage.tracker.caller_text("a", 1.0)
    stage.tracker.caller_turn_ended(4.2)
    [event] = stage.close()
    [stt] = [o for o in event["operations"] if o["stage"] == "stt"]
    assert (stt["ttfb_ms"], stt["audio_s"]) == (200, 3.5)


def test_audio_that_is_transcribed_before_anybody_speaks(stage: Stage) -> None:
    """It belongs to no turn and is kept for the bill."""
    stage.report(STTUsageMetricsData(processor=STT.name, value=STTUsage(audio_seconds=2.0)), 1.0, STT)
    assert [dict(operation.quantities) for operation in stage.requests.unplaced] == [{"audio_s": 2.0}]


def tokens(read: int = 0, written: int = 0, **more: int) -> LLMTokenUsage:
    """Usage of 100 tokens in and 10 out."""
    return LLMTokenUsage(
        prompt_tokens=100, completion_tokens=10, total_tokens=110, cache_read_input_tokens=read or None,
        cache_creation_input_tokens=written or None, **more,
    )  # fmt: skip


@pytest.mark.parametrize("provider", ["openai", "groq", "anthropic", "aws", None])
def test_input_tokens_are_all_of_them(provider: str | None) -> None:
    """Some providers leave the cached ones out of their count."""
    counted = tokens_of(tokens(30, 5), provider)
    assert counted["input_tokens"] == (135 if provider in {"anthropic", "aws"} else 100)
    assert (counted["cached_input_tokens"], counted["cache_write_tokens"]) == (30, 5)


def test_tokens_that_are_reported_after_the_end(stage: Stage) -> None:
    """A request that was cut reports what it used when the next one runs already: each has its own."""
    model = ScriptedRealtime([])
    stage.requests.note_speech_to_speech(model.name)
    stage.caller(1, 2, 2.2)
    stage.requests.llm_started(model, 2.3)
    stage.report(TTFBMetricsData(processor=model.name, value=0.4), 2.7, model)
    stage.tracker.interrupted(3.0)
    stage.requests.llm_ended(model, 3.0)
    stage.caller(3, 4, 4.2)
    stage.requests.llm_started(model, 4.3)
    stage.report(LLMUsageMetricsData(processor=model.name, value=tokens(output_audio_tokens=7)), 4.4, model)
    stage.report(TTFBMetricsData(processor=model.name, value=0.4), 4.7, model)
    stage.report(LLMUsageMetricsData(processor=model.name, value=tokens(output_audio_tokens=9)), 5.0, model)
    stage.requests.llm_ended(model, 5.0)
    first, second = stage.close()
    [cut] = [o for o in first["operations"] if o["stage"] == "realtime"]
    [whole] = [o for o in second["operations"] if o["stage"] == "realtime"]
    assert (cut["status"], cut["output_audio_tokens"], cut["ttfb_ms"]) == ("cancelled", 7, 400)
    assert (whole["output_audio_tokens"], whole["duration_ms"]) == (9, 700)


def test_first_byte_of_a_request_that_was_given_up_is_none(stage: Stage) -> None:
    """Pipecat measures until it was given up; that is no answer."""
    stage.caller(1, 2, 2.2)
    stage.requests.llm_started(LLM, 2.3)
    stage.tracker.interrupted(2.6)
    stage.report(TTFBMetricsData(processor=LLM.name, value=0.3), 2.6, LLM)
    stage.requests.llm_ended(LLM, 2.6)
    [event] = stage.close()
    [llm] = [o for o in event["operations"] if o["stage"] == "llm"]
    assert (llm["status"], llm.get("ttfb_ms"), llm["duration_ms"]) == ("cancelled", None, 300)


def test_first_byte_of_speech_that_was_given_up_is_none(stage: Stage) -> None:
    """Characters that were sent are billed; nothing was heard."""
    stage.caller(1, 2, 2.2)
    stage.report(TTSUsageMetricsData(processor=TTS.name, value=40), 2.5, TTS)
    stage.report(TTFBMetricsData(processor=TTS.name, value=0.3), 2.8, TTS)
    [event] = stage.close()
    [tts] = [o for o in event["operations"] if o["stage"] == "tts"]
    assert (tts["status"], tts.get("ttfb_ms"), tts["characters"]) == ("cancelled", None, 40)


def test_first_sentence_counts(stage: Stage) -> None:
    """Each sentence has its time to the first byte: the turn's is the first, the characters are all of them."""
    stage.caller(1, 2, 2.2)
    for value, characters, at_s in ((0.3, 40, 2.8), (0.1, 60, 3.2)):
        stage.report(TTSUsageMetricsData(processor=TTS.name, value=characters), at_s, TTS)
        stage.report(TTFBMetricsData(processor=TTS.name, value=value), at_s, TTS)
        stage.requests.audio(TTS, 1.0, at_s)
    [event] = stage.close()
    [tts] = [o for o in event["operations"] if o["stage"] == "tts"]
    assert (tts["start_ms"], tts["ttfb_ms"], tts["characters"], tts["audio_s"]) == (1500, 300, 100, 2)


def test_request_before_the_end_of_the_turn_is_detected(stage: Stage) -> None:
    """A model that is asked early, while the caller is silent and not yet done, answers the turn that comes of it."""
    stage.caller(1, 2, 2.2)
    stage.agent(2.5, 3.0)
    stage.tracker.caller.voice_started(4.0)
    stage.tracker.caller_turn_started(4.1)
    stage.tracker.caller.voice_stopped(5.0)
    stage.requests.llm_started(LLM, 5.1)
    stage.report(TTFBMetricsData(processor=LLM.name, value=0.05), 5.15, LLM)
    stage.tracker.caller_text("b", 4.1)
    stage.tracker.caller_turn_ended(5.3)
    stage.requests.llm_ended(LLM, 5.4)
    stage.agent(5.5, 6.0)
    first, second = stage.close()
    assert [o["stage"] for o in second["operations"] if o["stage"] == "llm"] == ["llm"]
    assert all(o["stage"] != "llm" for o in first["operations"])
    assert second["eou_latency_ms"] == 500


def test_empty_reports_at_the_beginning(stage: Stage) -> None:
    """A pipeline begins with reports of nothing by nobody."""
    stage.report(TTFBMetricsData(processor="nobody", value=0.0), 1.0, SimpleNamespace(name="pipeline"))
    stage.report(TTFBMetricsData(processor=LLM.name, value=0.0), 1.0, LLM)
    assert stage.close() == []


class GroqOfSomebody(LLMService):
    """A class of the agent's own on Pipecat's base."""


def test_who_bills() -> None:
    """The package of the service's class or of one it is made of, the host that an OpenAI client talks to, else nobody."""
    settings = OpenAILLMService.Settings(model="m")
    openai = OpenAILLMService(api_key="k", settings=settings)
    groq = OpenAILLMService(api_key="k", base_url="https://api.groq.com/openai/v1", settings=settings)
    local = OpenAILLMService(api_key="k", base_url="http://localhost:8000/v1", settings=settings)
    assert [operation_of("llm", service, {}).provider for service in (openai, groq, local)] == [
        "openai",
        "groq",
        "openai",
    ]
    assert operation_of("llm", openai, {}).model == "m"
    assert operation_of("llm", LLM, {}).provider is None
    assert operation_of("llm", LLM, {"llm": ("acme", "a-1")}) == Operation("llm", "acme", "a-1")
    assert [stage_of(each) for each in (LLM, TTS, STT, object())] == ["llm", "tts", "stt", None]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["on", "off", "start", "judged", "text", "llm", "llm end", "cut", "play", "stop", "agent", "ttfb", "usage",
                 "tts", "audio", "tool", "tool end", "stt"]
            ),
            st.floats(0, 5),
        ),
        max_size=60,
    )
)  # fmt: skip
def test_any_order_makes_turns_that_hold_together(steps: list[tuple[str, float]]) -> None:
    """Whatever happens in whatever order: nothing raises or is negative, no request is lost or counted twice."""
    stage, now_s, asked = Stage(), 1000.0, 0
    for what, pause_s in steps:
        now_s += pause_s
        match what:
            case "on":
                stage.tracker.caller.voice_started(now_s)
            case "off":
                stage.tracker.caller.voice_stopped(now_s)
            case "start":
                stage.tracker.caller_turn_started(now_s)
            case "judged":
                stage.tracker.caller_turn_ended(now_s)
            case "text":
                stage.tracker.caller_text("a", now_s)
            case "llm":
                asked += not any(LLM.name in turn.running_llm for turn in stage.tracker.turns)
                stage.requests.llm_started(LLM, now_s)
            case "llm end":
                stage.requests.llm_ended(LLM, now_s)
            case "cut":
                stage.tracker.interrupted(now_s)
            case "play":
                stage.tracker.playback_started(now_s)
            case "stop":
                stage.tracker.playback_stopped(now_s)
            case "agent":
                stage.tracker.agent_text("b", now_s, now_s)
            case "ttfb":
                stage.report(TTFBMetricsData(processor=LLM.name, value=0.1), now_s, LLM)
            case "usage":
                if any(LLM.name in turn.running_llm for turn in stage.tracker.turns):
                    stage.report(LLMUsageMetricsData(processor=LLM.name, value=tokens()), now_s, LLM)
            case "tts":
                stage.report(TTSUsageMetricsData(processor=TTS.name, value=5), now_s, TTS)
            case "audio":
                stage.requests.audio(TTS, 0.5, now_s)
            case "tool":
                stage.requests.tool_started("t", "look_up", now_s)
            case "tool end":
                stage.requests.tool_ended("t", now_s, None)
            case "stt":
                stage.report(TTFBMetricsData(processor=STT.name, value=0.1), now_s, STT)
    events = stage.close(now_s + 1)
    listed = [operation for event in events for operation in event.get("operations", [])]
    assert sum(operation["stage"] == "llm" for operation in listed) == asked
    for event in events:
        offsets = [event.get(side, {}).get(edge, 0) for side in ("user", "agent") for edge in ("start_ms", "end_ms")]
        offsets += [
            o.get(name, 0) for o in event.get("operations", []) for name in ("start_ms", "duration_ms", "ttfb_ms")
        ]
        assert min([*offsets, event.get("eou_latency_ms", 0)]) >= 0


def test_reports_of_two_transcribers_stay_two() -> None:
    """A switch of service in the middle of a turn."""
    merged = one_per_service([Operation("stt", "a", quantities={"audio_s": 1}), Operation("stt", "b", ttfb_s=0.1)])
    assert [operation.provider for operation in merged] == ["a", "b"]


def test_reply_is_a_dataclass_of_the_support() -> None:
    """What scripts are made of has defaults that make an answer."""
    assert Reply().input_tokens > 0
