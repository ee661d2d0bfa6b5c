"""LiveKit's own metrics objects → operations, and the corners of turn-keeping that no scripted call reaches."""

from __future__ import annotations

import asyncio
from typing import Any

from livekit.agents import ChatMessage
from livekit.agents.metrics import LLMMetrics, RealtimeModelMetrics, STTMetrics, TTSMetrics
from livekit.agents.metrics.base import Metadata
from livekit.agents.voice import SpeechHandle

from voicetel.events.operation import Operation
from voicetel.events.turn_builder import TurnBuilder
from voicetel.recorder.livekit.clock import SteadyClock
from voicetel.recorder.livekit.metrics import (
    llm_operation,
    merged,
    realtime_operation,
    stt_operation,
    tts_operation,
    with_billing_provider,
)
from voicetel.recorder.livekit.turns.caller_voice import CallerSpeech, CallerVoice
from voicetel.recorder.livekit.turns.completion import METRICS_WAIT_S
from voicetel.recorder.livekit.turns.open_turn import OpenTurn
from voicetel.recorder.livekit.turns.playback import Playback
from voicetel.recorder.livekit.turns.tracker import TurnTracker

GROQ = Metadata(model_name="llama-3.1-8b-instant", model_provider="api.groq.com")


def llm_metrics(**known: Any) -> LLMMetrics:
    """A request that was answered; what a test needs otherwise it says."""
    usual: dict[str, Any] = {
        "label": "livekit.plugins.openai.llm.LLM",
        "request_id": "r-1",
        "timestamp": 1000.5,
        "duration": 0.5,
        "ttft": 0.2,
        "cancelled": False,
        "completion_tokens": 24,
        "prompt_tokens": 812,
        "prompt_cached_tokens": 512,
        "total_tokens": 836,
        "tokens_per_second": 48.0,
        "metadata": GROQ,
    }
    return LLMMetrics(**(usual | known))


def stt_metrics(**known: Any) -> STTMetrics:
    """A stream's report of what it was sent."""
    usual: dict[str, Any] = {
        "label": "livekit.plugins.deepgram.stt.STT",
        "request_id": "",
        "timestamp": 1000.0,
        "duration": 0.0,
        "audio_duration": 5.0,
        "streamed": True,
    }
    return STTMetrics(**(usual | known))


def test_llm_metrics() -> None:
    """A request begins where its duration says, and its tokens keep their parts."""
    operation = llm_operation(llm_metrics(cache_creation_tokens=100)).fields(1000.0)
    assert operation == {
        "stage": "llm",
        "provider": "groq",
        "model": "llama-3.1-8b-instant",
        "request_id": "r-1",
        "start_ms": 0,
        "ttfb_ms": 200,
        "duration_ms": 500,
        "input_tokens": 812,
        "cached_input_tokens": 512,
        "cache_write_tokens": 100,
        "output_tokens": 24,
    }


def test_unknown_is_not_zero() -> None:
    """−1 and 0 are LiveKit's words for not knowing: nothing is written for them."""
    counted = {"completion_tokens": 0, "prompt_tokens": 0, "prompt_cached_tokens": 0, "total_tokens": 0}
    cancelled = llm_operation(llm_metrics(ttft=-1, cancelled=True, metadata=None, **counted)).fields(1000.0)
    assert cancelled == {
        "stage": "llm",
        "provider": "openai",
        "request_id": "r-1",
        "status": "cancelled",
        "start_ms": 0,
        "duration_ms": 500,
    }
    silent = tts_operation(
        TTSMetrics(
            label="livekit.plugins.cartesia.tts.TTS", request_id="", timestamp=1000.0, ttfb=-1, duration=0.0,
            audio_duration=0.0, cancelled=False, characters_count=12, streamed=True,
        )
    )  # fmt: skip
    assert silent.fields(None) == {"stage": "tts", "provider": "cartesia", "characters": 12}


def test_batch_transcription_has_its_own_time() -> None:
    """A batch request runs from request to answer; a stream's reports are usage, added up per model."""
    batch = stt_operation(stt_metrics(streamed=False, duration=0.4, request_id="b-1", audio_duration=2.0))
    assert batch.fields(999.0) == {
        "stage": "stt",
        "provider": "deepgram",
        "request_id": "b-1",
        "start_ms": 600,
        "ttfb_ms": 400,
        "duration_ms": 400,
        "audio_s": 2,
    }
    stream = [stt_operation(stt_metrics(audio_duration=seconds)) for seconds in (5.0, 5.0, 0.74)]
    assert [operation.quantities for operation in merged([*stream, batch])] == [{"audio_s": 10.74}, {"audio_s": 2.0}]


def test_realtime_metrics() -> None:
    """Speech-to-speech keeps audio and cached tokens apart."""
    details = RealtimeModelMetrics.InputTokenDetails
    metrics = RealtimeModelMetrics(
        label="livekit.plugins.openai.realtime.RealtimeModel", request_id="resp-1", timestamp=1000.0, duration=1.5,
        ttft=0.3, input_tokens=900, output_tokens=200,
        input_token_details=details(
            audio_tokens=300, text_tokens=600, cached_tokens=500,
            cached_tokens_details=RealtimeModelMetrics.CachedTokenDetails(audio_tokens=100, text_tokens=400),
        ),
        output_token_details=RealtimeModelMetrics.OutputTokenDetails(audio_tokens=150, text_tokens=50),
    )  # fmt: skip
    assert realtime_operation(metrics).quantities == {
        "input_tokens": 900,
        "cached_input_tokens": 500,
        "input_audio_tokens": 300,
        "cached_input_audio_tokens": 100,
        "output_tokens": 200,
        "output_audio_tokens": 150,
    }
    assert realtime_operation(metrics).ttfb_s == 0.3


def test_the_authors_word_on_who_bills() -> None:
    """A provider alone keeps the framework's model; None leaves the framework's word."""
    operation = Operation("llm", "openai", "gpt-4o")
    assert with_billing_provider(operation, {"llm": "azure"}) == Operation("llm", "azure", "gpt-4o")
    assert with_billing_provider(operation, {"llm": ("azure", "gpt-4o-eu")}) == Operation("llm", "azure", "gpt-4o-eu")
    assert with_billing_provider(operation, {"llm": None, "tts": "acme"}) == operation


def test_voice_without_words_is_no_beginning() -> None:
    """A noise that no words followed is not where the next words began, whatever LiveKit's turn began with."""
    voice = CallerVoice()
    voice.sound_started(1.0)
    voice.sound_stopped(1.4)
    voice.sound_started(10.0)
    voice.transcript_arrived("Hello.", 10.6, is_final=True)
    voice.sound_stopped(11.0)
    assert voice.end_turn(1.0, 11.0) == CallerSpeech(10.0, 11.0, "Hello.", 10.6, had_sound=True)
    assert not voice.has_sound


def test_pause_between_words_is_one_turn() -> None:
    """A caller who stops and goes on began where they first spoke, however long they thought."""
    voice = CallerVoice()
    voice.sound_started(1.0)
    voice.sound_stopped(1.4)
    voice.transcript_arrived("I need", 1.5, is_final=True)
    voice.sound_started(10.0)
    voice.sound_stopped(11.0)
    voice.transcript_arrived("a taxi.", 11.2, is_final=True)
    assert voice.end_turn(None, None) == CallerSpeech(1.0, 11.0, "I need a taxi.", 11.2, had_sound=True)


def transcript(text: str) -> ChatMessage:
    """What a speech-to-speech model says of what it heard, without a score."""
    return ChatMessage(role="user", content=[text], transcript_confidence=1.0)


def test_caller_who_has_gone_on_before_they_are_answered() -> None:
    """A turn that was judged complete ended where the caller paused; the voice that goes on is the next turn's."""
    voice = CallerVoice()
    voice.sound_started(1.0)
    voice.sound_stopped(2.0)
    voice.sound_started(2.6)
    assert voice.end_turn(None, None) == CallerSpeech(1.0, 2.0, None, None, had_sound=True)
    assert voice.has_sound
    voice.sound_stopped(3.5)
    assert voice.end_turn(None, None) == CallerSpeech(2.6, 3.5, None, None, had_sound=True)
    assert not voice.has_sound


class Written:
    """A tracker under test, and what it has handed over."""

    def __init__(self) -> None:
        self.turns: list[tuple[int, TurnBuilder]] = []
        self.usage: list[Operation] = []
        self.tracker = TurnTracker(
            SteadyClock(),
            is_closing=lambda: False,
            is_handoff_running=lambda: False,
            emit_turn=lambda turn, number: self.turns.append((number, turn)),
            emit_usage=self.usage.extend,
        )


async def test_metrics_that_come_after_the_turn_was_written() -> None:
    """Metrics of a speech whose turn is already in the log are billed without a turn, once."""
    log = Written()
    speech = SpeechHandle.create()
    log.tracker.speech_created(speech, speech_source="say", programmatic=True, state_id=None)
    speech._item_added([ChatMessage(role="assistant", content=["Hello."])])
    speech._mark_done()
    log.tracker.speech_done(speech)
    await asyncio.sleep(METRICS_WAIT_S + 0.05)
    late = Operation("tts", "cartesia", quantities={"characters": 6})
    log.tracker.operation_attribution.add_for_speech(speech.id, late)
    log.tracker.operation_attribution.add_for_speech("speech_of_another_session", late)

    assert [(number, turn.agent_text) for number, turn in log.turns] == [(1, "Hello.")]
    assert log.usage == [late]


async def test_speech_to_speech_joins_words_that_come_late() -> None:
    """A realtime model's transcript belongs to the speech that answers it, whether it comes before or after."""
    log = Written()
    model, model_responses = log.tracker.realtime, log.tracker.operation_attribution.model_responses
    model.is_used = model.sends_transcripts = True
    early, late = SpeechHandle.create(), SpeechHandle.create()
    log.tracker.caller_message(transcript("First."), state_id=None)
    log.tracker.speech_created(early, speech_source="generate_reply", programmatic=False, state_id=None)
    model_responses.response_created("r-1", 100.0, requesting_speech_id=None)
    log.tracker.caller_side.voice.sound_started(101.0)
    log.tracker.caller_side.voice.sound_stopped(102.0)
    log.tracker.speech_created(late, speech_source="generate_reply", programmatic=False, state_id=None)
    log.tracker.playback_started(late, 103.0)
    log.tracker.caller_message(transcript("Second."), state_id=None)
    first = Operation("realtime", request_id="r-1", quantities={"output_tokens": 5})
    log.tracker.operation_attribution.add_for_response(first)
    log.tracker.close("hangup")

    assert [(number, turn.user_text) for number, turn in log.turns] == [(1, "First."), (2, "Second.")]
    assert [turn.operations for _, turn in log.turns] == [[first], []]
    assert (log.turns[1][1].user_start_s, log.turns[1][1].user_end_s) == (101.0, 102.0)


async def test_responses_without_ids_are_told_by_when_they_began() -> None:
    """A model that gives its responses no ids: the metrics say when the response began, and so does the session."""
    log = Written()
    operations, speeches = log.tracker.operation_attribution, [SpeechHandle.create() for _ in range(2)]
    for speech, began_s in zip(speeches, (100.0, 103.0), strict=True):
        log.tracker.speech_created(speech, speech_source="generate_reply", programmatic=False, state_id=None)
        operations.model_responses.response_created(None, began_s, requesting_speech_id=None)
        log.tracker.playback_started(speech, began_s + 0.5)
    second, first, stray = (
        Operation("realtime", start_s=began_s, duration_s=1.0, quantities={"output_tokens": tokens})
        for began_s, tokens in ((103.1, 2), (99.9, 1), (101.5, 3))
    )
    for operation in (second, first, stray, Operation("realtime")):
        operations.add_for_response(operation)
    log.tracker.close("hangup")

    assert [turn.operations for _, turn in log.turns] == [[first], [second]]
    assert log.usage == [stray]


async def test_response_that_the_session_did_not_speak_is_usage() -> None:
    """A response for which no speech came, and a speech that is none of its, do not find each other later."""
    log = Written()
    operations, speech = log.tracker.operation_attribution, SpeechHandle.create()
    operations.model_responses.response_created("r-1", 100.0, requesting_speech_id=None)
    operations.model_responses.end_event_loop_step()
    log.tracker.speech_created(speech, speech_source="generate_reply", programmatic=False, state_id=None)
    operations.model_responses.end_event_loop_step()
    skipped = Operation("realtime", request_id="r-1", quantities={"output_tokens": 5})
    operations.add_for_response(skipped)
    log.tracker.close("hangup")

    assert log.turns == []
    assert log.usage == [skipped]


async def test_attempt_that_nobody_claims_is_usage() -> None:
    """An answer begun for words that never became a turn is billed, cancelled, when the session ends."""
    log = Written()
    attempt = SpeechHandle.create()
    log.tracker.speech_created(attempt, speech_source="generate_reply", programmatic=True, state_id=None)
    log.tracker.operation_attribution.add_for_speech(
        attempt.id, Operation("llm", "groq", quantities={"input_tokens": 700})
    )
    attempt._mark_done()
    log.tracker.speech_done(attempt)
    log.tracker.close("agent")

    assert log.turns == []
    assert log.usage == [Operation("llm", "groq", status="cancelled", quantities={"input_tokens": 700})]


def test_output_that_says_what_it_played() -> None:
    """An output's own account of its runs goes before what the session's states suggest."""
    turn = OpenTurn(TurnBuilder(100.0), [], "say", programmatic=True)
    playback = Playback()
    playback.begin(turn, 100.0)
    playback.add_reported_span(100.0, 1.5)
    playback.pause(101.7)
    playback.resume(103.0)
    playback.add_reported_span(103.2, 0.8)
    playback.end(104.5, interrupted=False)
    assert turn.builder.spans == [(100.0, 101.5), (103.2, 104.0)]
    assert turn.playback_interrupted is False


def test_playback_that_never_began_leaves_nothing() -> None:
    """Reports without a beginning, as of another session's sound, are nobody's."""
    playback = Playback()
    playback.pause(1.0)
    playback.resume(2.0)
    playback.add_reported_span(1.0, 1.0)
    playback.end(3.0, interrupted=True)
    turn = OpenTurn(TurnBuilder(100.0), [], "say", programmatic=True)
    playback.begin(turn, 5.0)
    playback.end(6.0, interrupted=True)
    assert turn.builder.spans == [(5.0, 6.0)]
    assert turn.playback_interrupted is True
