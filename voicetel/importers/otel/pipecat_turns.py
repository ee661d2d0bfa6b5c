"""One turn of a Pipecat pipeline, out of its span and the work under it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicetel.events.operation import Operation
from voicetel.events.providers import model_name, provider_name
from voicetel.importers.calls.turns import ImportedTurn, Utterance
from voicetel.importers.otel.spans import model_tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voicetel.importers.otel.spans import Span


RESPONSE: Final = "llm_response"
"""A response of a speech-to-speech model; its span is as long as the handling of it, and says nothing of when it began."""

_STATUSES: Final = {"cancelled": "cancelled", "failed": "error"}

_NET_OF_CACHE: Final = frozenset({"anthropic", "aws"})
"""Providers of whose input tokens Pipecat leaves out what came from the cache or went to it."""


def turn_of(span: Span) -> ImportedTurn:
    """The turn. It has a caller where words were transcribed, and an agent where any were sent to be spoken."""
    turn = ImportedTurn(span.seq, span.start_s)
    transcriptions = [child for child in span.children if child.name == "stt" and child.text("transcript")]
    responses = [child for child in span.children if child.name == RESPONSE]
    models = [child for child in span.children if child.name == "llm"] + responses
    voices = [child for child in span.children if child.name == "tts"]
    latency_s = span.positive("turn.user_bot_latency_seconds")
    end_s = _end_s(transcriptions)
    if transcriptions:
        text = " ".join(child.text("transcript") or "" for child in transcriptions)
        turn.user.append(Utterance("user", text, 0, transcriptions[0].start_s, end_s))
        turn.eou_latency_s = latency_s
    elif responses and latency_s is not None:
        turn.user.append(Utterance("user", "", 0))
        turn.eou_latency_s = latency_s
    text = _joined(voices, "text") or _joined(models, "output")
    if voices or text:
        turn.agent.append(Utterance("agent", text, 0, _began_s(end_s, latency_s, transcriptions, voices)))
    turn.operations += requests(span)
    return turn


def _end_s(transcriptions: Sequence[Span]) -> float | None:
    """The last voiced sound: an stt span ends with the final transcript, ``metrics.ttfb`` after it."""
    ttfb_s = transcriptions[-1].positive("metrics.ttfb") if transcriptions else None
    if ttfb_s is None or transcriptions[-1].end_s - ttfb_s < transcriptions[0].start_s:
        return None
    return transcriptions[-1].end_s - ttfb_s


def _began_s(
    end_s: float | None, latency_s: float | None, transcriptions: Sequence[Span], voices: Sequence[Span]
) -> float | None:
    """When the agent began: as long after the caller as Pipecat measured; a greeting when its first audio was made."""
    if end_s is not None and latency_s is not None:
        return end_s + latency_s
    if voices and not transcriptions:
        return voices[0].start_s + (voices[0].positive("metrics.ttfb") or 0.0)
    return None


def requests(span: Span) -> Iterator[Operation]:
    """The requests made in a turn; how long a tts span lasts is how long it was played, not how long it was made."""
    for child in span.children:
        who = (provider_name(child.text("gen_ai.provider.name")), model_name(child.text("gen_ai.request.model")))
        ttfb_s = child.positive("metrics.ttfb")
        status = "error" if child.is_error else None
        if child.name == "stt":
            start_s = None if ttfb_s is None else child.end_s - ttfb_s
            quantities = _known({"audio_s": child.positive("metrics.audio_seconds")})
            yield Operation("stt", *who, start_s=start_s, ttfb_s=ttfb_s, status=status, quantities=quantities)
        elif child.name == "llm":
            times = {"start_s": child.start_s, "ttfb_s": ttfb_s, "duration_s": child.duration_s}
            tokens = model_tokens(child, is_net_of_cache=who[0] in _NET_OF_CACHE)
            yield Operation("llm", *who, **times, status=status, quantities=tokens)  # type: ignore[arg-type]
        elif child.name == RESPONSE:
            status = _STATUSES.get(child.text("response.status") or "", status)
            yield Operation("realtime", *who, ttfb_s=ttfb_s, status=status, quantities=model_tokens(child))
        elif child.name == "tts":
            quantities = _known({"characters": child.positive("metrics.character_count")})
            yield Operation("tts", *who, start_s=child.start_s, ttfb_s=ttfb_s, status=status, quantities=quantities)


def _joined(spans: Sequence[Span], name: str) -> str:
    return " ".join(text for span in spans if (text := span.text(name)))


def _known(quantities: dict[str, float | None]) -> dict[str, float]:
    return {name: value for name, value in quantities.items() if value is not None}
