"""The spans of a LiveKit Agents session → turns. An agent_turn is a reply, or an attempt at one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicetel.events.providers import model_name, provider_name
from voicetel.importers.calls.turns import ImportedTurn, Utterance
from voicetel.importers.livekit.delays import operations_after_speech
from voicetel.importers.otel.livekit_operations import requests_below

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicetel.events.operation import Operation
    from voicetel.importers.otel.spans import Span

_ANSWERS: Final = ("lk.pii.user_input", "lk.user_input", "lk.end_of_turn_delay", "lk.transcription_delay")
_TRANSCRIPT: Final = ("lk.pii.user_transcript", "lk.user_transcript")
_RESPONSE: Final = ("lk.pii.response.text", "lk.response.text")
_BY_CALLER: Final = (None, "audio_activity", "user_turn")
_SPEAKING_SLACK_S: Final = 0.05


def read_turns(spans: Sequence[Span]) -> tuple[list[ImportedTurn], list[tuple[Span, list[Operation]]]]:
    """The turns in order, and the requests of attempts that were dropped."""
    user_turns = [span for span in spans if span.name == "user_turn"]
    speaking_spans = [span for span in spans if span.name == "user_speaking"]
    answered: set[str] = set()
    turns: list[ImportedTurn] = []
    cancelled: list[tuple[Span, list[Operation]]] = []
    heard_until_s = 0.0
    for reply in (span for span in spans if span.name == "agent_turn"):
        user = _answered_by(reply, user_turns, answered)
        heard = [] if user else _heard_by_model(reply, speaking_spans, heard_until_s)
        if user is None and not heard and (handed_over := _handed_over_by(reply, turns)) is not None:
            _add_agent(handed_over, reply)
            handed_over.eou_latency_s = reply.positive("lk.e2e_latency")
            _count_from_turn_start(handed_over)
            continue
        turn = ImportedTurn((user or reply).seq, reply.start_s)
        if user is not None:
            answered.add(user.id)
            _add_user(turn, user, reply, speaking_spans)
        elif heard:
            heard_until_s = heard[-1].end_s
            turn.user = [Utterance("user", "", 0, heard[0].start_s, heard_until_s)]
            turn.latency_from_turn_end_decision = True
        _add_agent(turn, reply)
        _count_from_turn_start(turn)
        if turn.user or turn.agent:
            turns.append(turn)
        elif turn.operations:
            cancelled.append((reply, turn.operations))
    turns += [_unanswered(user) for user in user_turns if user.id not in answered and user.text(*_TRANSCRIPT)]
    return sorted(turns, key=lambda turn: turn.began_s), cancelled


def _answered_by(reply: Span, user_turns: Sequence[Span], answered: set[str]) -> Span | None:
    """The caller's turn that a reply answers; with texts stripped only the delays say that it answers one."""
    if not reply.has(*_ANSWERS):
        return None
    return next(
        (user for user in reversed(user_turns) if user.start_s <= reply.start_s and user.id not in answered), None
    )


def _heard_by_model(reply: Span, speaking_spans: Sequence[Span], since_s: float) -> list[Span]:
    """The caller's speech, after what was answered before, that a speech-to-speech model answers.

    Such a model hears for itself: there is no span of the caller's turn, and no transcript, but of when the caller spoke.
    """
    if not _is_speech_to_speech(reply):
        return []
    began_s = next((span.start_s for span in reply.children if span.name == "agent_speaking"), reply.start_s)
    return [span for span in speaking_spans if span.start_s >= since_s and span.end_s <= began_s]


def _is_speech_to_speech(reply: Span) -> bool:
    return any(True for _ in reply.below("realtime_inference"))


def _count_from_turn_start(turn: ImportedTurn) -> None:
    """The response where the end of speech is the model's word, which comes with its decision that the caller is done."""
    if turn.latency_from_turn_end_decision and turn.eou_latency_s is None:
        turn.eou_latency_s = turn.gap_s


def _handed_over_by(reply: Span, turns: Sequence[ImportedTurn]) -> ImportedTurn | None:
    """The turn whose tool handed over to the agent that speaks now, or whose result a speech-to-speech model tells.

    Its first words answer the caller of that turn.
    """
    if not turns or not (reply.has(*_ANSWERS) or _is_speech_to_speech(reply)):
        return None
    turn = turns[-1]
    tools = any(operation.stage == "tool" for operation in turn.operations)
    return turn if tools and turn.user and not turn.agent else None


def _add_user(turn: ImportedTurn, user: Span, reply: Span, speaking_spans: Sequence[Span]) -> None:
    end_s = _end_s(user, speaking_spans)
    text = user.text(*_TRANSCRIPT) or reply.text("lk.pii.user_input", "lk.user_input") or ""
    confidence = user.positive("lk.transcript_confidence")
    turn.user.append(Utterance("user", text, 0, user.start_s, end_s, confidence=confidence))
    turn.eou_latency_s = reply.positive("lk.e2e_latency")
    transcriber = provider_name(user.text("gen_ai.provider.name")), model_name(user.text("gen_ai.request.model"))
    delays_s = user.positive("lk.transcription_delay"), user.positive("lk.end_of_turn_delay")
    waits = _waits(user)
    setting_s = waits[-1].positive("lk.eou.endpointing_delay") if waits else None
    turn.operations += operations_after_speech(end_s, transcriber, *delays_s, setting_s)


def _waits(user: Span) -> list[Span]:
    """The waits after which the caller's turn was taken for over; what the caller broke off is none."""
    waits = [span for span in user.children if span.name == "eou_wait"]
    return [span for span in waits if span.text("lk.eou.outcome") in (None, "committed")]


def _end_s(user: Span, speaking_spans: Sequence[Span]) -> float | None:
    """The last voiced sound: where the wait for the end of the turn began, else where speech stopped."""
    if waits := _waits(user):
        return waits[-1].start_s
    spoken = [
        span
        for span in speaking_spans
        if span.start_s >= user.start_s - _SPEAKING_SLACK_S and user.start_s < span.end_s <= user.end_s
    ]
    if spoken:
        return spoken[-1].end_s
    delay_s = user.positive("lk.end_of_turn_delay")
    return None if delay_s is None else max(user.end_s - delay_s, user.start_s)


def _add_agent(turn: ImportedTurn, reply: Span) -> None:
    spoken = [span for span in reply.children if span.name == "agent_speaking"]
    text = reply.text(*_RESPONSE)
    if spoken:
        ends_s = (span.end_s if span.end_s > span.start_s else None for span in spoken)
        turn.agent = [
            Utterance("agent", "", 0, span.start_s, end_s) for span, end_s in zip(spoken, ends_s, strict=True)
        ]
        turn.agent[0].text = text or ""
    elif text:
        turn.agent = [Utterance("agent", text, 0)]
    called = any(span.name == "function_tool" for span in reply.children)
    turn.operations += requests_below(reply, is_discarded=not turn.agent and not called)
    if turn.agent:
        turn.interrupted = bool(reply.flag("lk.interrupted"))
        turn.interrupted_by = "caller" if reply.text("lk.interruption.source") in _BY_CALLER else "agent"


def _unanswered(user: Span) -> ImportedTurn:
    """What the caller said and nobody answered."""
    turn = ImportedTurn(user.seq, user.start_s)
    confidence = user.positive("lk.transcript_confidence")
    text, end_s = user.text(*_TRANSCRIPT) or "", _end_s(user, ())
    utterance = Utterance("user", text, 0, user.start_s, end_s, confidence=confidence)
    turn.user.append(utterance)
    return turn
