"""Requests of LiveKit Agents: llm_node, llm_request and llm_request_run say the same; the request has the metrics."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from voicetel.events.operation import Operation
from voicetel.events.providers import model_name, provider_name
from voicetel.importers.calls.record import as_number, epoch_s
from voicetel.importers.otel.spans import model_tokens

if TYPE_CHECKING:
    from voicetel.importers.otel.spans import Span

_REQUESTS: Final = ("llm_request", "tts_request", "function_tool", "realtime_inference")


def requests_below(span: Span, *, is_discarded: bool, with_itself: bool = False) -> list[Operation]:
    """The requests made under a span; those of a reply that nobody heard were given up, and are billed."""
    found = [span, *span.below(*_REQUESTS)] if with_itself else list(span.below(*_REQUESTS))
    return [_operation(each, is_discarded=is_discarded) for each in found]


def _operation(span: Span, *, is_discarded: bool) -> Operation:
    if span.name == "function_tool":
        operation = _tool(span)
    elif span.name == "tts_request":
        operation = _speech(span)
    else:
        operation = _model(span)
    return operation.cancelled() if is_discarded else operation


def _tool(span: Span) -> Operation:
    return Operation(
        "tool",
        name=span.text("gen_ai.tool.name", "lk.function_tool.name"),
        request_id=span.text("gen_ai.tool.call.id", "lk.function_tool.id"),
        start_s=span.start_s,
        duration_s=span.duration_s,
        status="error" if span.flag("lk.function_tool.is_error") else None,
    )


def _speech(span: Span) -> Operation:
    metrics = _metrics(span, "lk.tts_metrics")
    known = {
        "characters": metrics.get("characters_count"),
        "audio_s": metrics.get("audio_duration"),
        "input_tokens": metrics.get("input_tokens"),
        "output_tokens": metrics.get("output_tokens"),
        "output_audio_tokens": metrics.get("output_tokens"),  # what a synthesiser gives for tokens is audio
    }
    operation = _timed(span, "tts", metrics)
    return replace(operation, quantities={name: value for name, value in known.items() if value})


def _model(span: Span) -> Operation:
    is_realtime = span.name == "realtime_inference"
    metrics = _metrics(span, "lk.realtime_model_metrics" if is_realtime else "lk.llm_metrics")
    operation = _timed(span, "realtime" if is_realtime else "llm", metrics)
    ttfb_s = metrics.get("ttft") or span.positive("gen_ai.response.time_to_first_chunk")
    request_id = operation.request_id or span.text("gen_ai.response.id")
    return replace(operation, ttfb_s=ttfb_s, request_id=request_id, quantities=model_tokens(span))


def _timed(span: Span, stage: str, metrics: dict[str, float]) -> Operation:
    """When and how long, by the metrics, which are nearer to the request than the span is.

    Their timestamp is the end of a request, and of a speech-to-speech model the creation of its response.
    """
    duration_s = metrics.get("duration") or span.duration_s
    start_s = epoch_s(metrics.get("timestamp"))
    if start_s is None or "duration" not in metrics:
        start_s = span.start_s
    elif stage != "realtime":
        start_s -= metrics["duration"]
    operation = Operation(
        stage,
        provider_name(span.text("gen_ai.provider.name")),
        model_name(span.text("gen_ai.request.model", "gen_ai.response.model")),
        request_id=_request_id(span),
        start_s=start_s,
        ttfb_s=metrics.get("ttfb"),
        duration_s=duration_s,
        status="error" if span.is_error else None,
    )
    return operation.cancelled() if _loaded(span, stage).get("cancelled") is True else operation


def _metrics(span: Span, name: str) -> dict[str, float]:
    """The measures in an attribute that is JSON; 0 and −1 stand for "don't know"."""
    found = ((key, as_number(value)) for key, value in _json(span, name).items())
    return {key: value for key, value in found if value is not None and value > 0}


def _loaded(span: Span, stage: str) -> dict[str, object]:
    names = {"tts": "lk.tts_metrics", "realtime": "lk.realtime_model_metrics"}
    return _json(span, names.get(stage, "lk.llm_metrics"))


def _request_id(span: Span) -> str | None:
    for name in ("lk.llm_metrics", "lk.tts_metrics", "lk.realtime_model_metrics"):
        request_id = _json(span, name).get("request_id")
        if isinstance(request_id, str) and request_id:
            return request_id
    return None


def _json(span: Span, name: str) -> dict[str, object]:
    text = span.text(name)
    if text is None:
        return {}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
