"""LiveKit's metrics → operations. −1 and 0.0, its values for "don't know", are left out.

Durations are measured by a clock that nobody sets; the timestamps are the wall clock's, and ``to_steady_time`` brings them onto the
call's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from voicetel.events.operation import Operation
from voicetel.events.providers import model_name
from voicetel.recorder.vendors import provider_name

if TYPE_CHECKING:
    from livekit.agents.metrics import (
        EOTInferenceMetrics,
        InterruptionMetrics,
        LLMMetrics,
        RealtimeModelMetrics,
        STTMetrics,
        TTSMetrics,
    )
    from livekit.agents.metrics.base import Metadata

    from voicetel.recorder.destination import ProviderOverrides

ToSteadyTime = Callable[[float], float]
"""From a time of the framework's, which the machine's clock may have moved, to that of SteadyClock."""


def _unchanged(timestamp_s: float) -> float:
    return timestamp_s


def llm_operation(metrics: LLMMetrics, to_steady_time: ToSteadyTime = _unchanged) -> Operation:
    """One request to a language model."""
    used = {
        "input_tokens": metrics.prompt_tokens,
        "cached_input_tokens": metrics.prompt_cached_tokens,
        "cache_write_tokens": metrics.cache_creation_tokens,
        "output_tokens": metrics.completion_tokens,
    }
    return _request_operation("llm", metrics, to_steady_time, metrics.ttft, used)


def tts_operation(metrics: TTSMetrics, to_steady_time: ToSteadyTime = _unchanged) -> Operation:
    """One request to a speech synthesiser; what it gives for tokens is audio."""
    used = {
        "characters": metrics.characters_count,
        "audio_s": metrics.audio_duration,
        "input_tokens": metrics.input_tokens,
        "output_tokens": metrics.output_tokens,
        "output_audio_tokens": metrics.output_tokens,
    }
    return _request_operation("tts", metrics, to_steady_time, metrics.ttfb, used)


def stt_operation(metrics: STTMetrics, to_steady_time: ToSteadyTime = _unchanged) -> Operation:
    """What a transcriber was sent. A batch request has its own time; a stream's reports are usage alone."""
    used = {
        "audio_s": metrics.audio_duration,
        "input_tokens": metrics.input_tokens,
        "input_audio_tokens": metrics.input_audio_tokens,
        "output_tokens": metrics.output_tokens,
    }
    operation = replace(_operation_of("stt", metrics.label, metrics.metadata), quantities=_quantities(used))
    took_s = _positive_or_none(metrics.duration)
    if metrics.streamed or took_s is None:
        return operation
    return replace(
        operation,
        request_id=metrics.request_id or None,
        start_s=to_steady_time(metrics.timestamp) - took_s,
        ttfb_s=took_s,
        duration_s=took_s,
    )


def realtime_operation(metrics: RealtimeModelMetrics, to_steady_time: ToSteadyTime = _unchanged) -> Operation:
    """One response of a speech-to-speech model, or its connected time where that is what is billed."""
    cached = metrics.input_token_details.cached_tokens_details
    used = {
        "input_tokens": metrics.input_tokens,
        "cached_input_tokens": metrics.input_token_details.cached_tokens,
        "input_audio_tokens": metrics.input_token_details.audio_tokens,
        "cached_input_audio_tokens": cached.audio_tokens if cached else 0,
        "output_tokens": metrics.output_tokens,
        "output_audio_tokens": metrics.output_token_details.audio_tokens,
        "session_s": metrics.session_duration,
    }
    return replace(
        _operation_of("realtime", metrics.label, metrics.metadata),
        request_id=metrics.request_id or None,
        start_s=to_steady_time(metrics.timestamp) if metrics.duration > 0 else None,
        ttfb_s=_positive_or_none(metrics.ttft),
        duration_s=_positive_or_none(metrics.duration),
        status="cancelled" if metrics.cancelled else None,
        quantities=_quantities(used),
    )


def turn_detector_requests(metrics: EOTInferenceMetrics) -> Operation:
    """The requests to the model that decides whether the caller is done. When it did is another operation: ``CallerSide`` adds it."""
    return replace(
        _operation_of("eot", "", metrics.metadata), quantities=_quantities({"requests": metrics.num_requests})
    )


def interruption_detector_requests(metrics: InterruptionMetrics) -> Operation:
    """The requests to the model that distinguishes an interruption from a backchannel."""
    return replace(
        _operation_of("interruption", "", metrics.metadata), quantities=_quantities({"requests": metrics.num_requests})
    )


def component_operation(stage: str, component: object) -> Operation:
    """An operation of a component that reported no metrics: who it is, and nothing of what it used."""
    module = type(component).__module__
    # A fallback adapter names here the instance that served, elsewhere the one that will.
    metadata = getattr(component, "metrics_metadata", None)
    if isinstance(metadata, dict):
        return Operation(
            stage, provider_name(metadata.get("model_provider"), module), model_name(metadata.get("model_name"))
        )
    provider, model = getattr(component, "provider", None), getattr(component, "model", None)
    return Operation(stage, provider_name(provider, module), model_name(model))


def with_billing_provider(operation: Operation, providers: ProviderOverrides) -> Operation:
    """Put the author's word on provider and model in the place of the framework's."""
    if operation.stage not in providers:
        return operation
    override = providers[operation.stage]
    provider, model = override if isinstance(override, tuple) else (override, None)
    return replace(operation, provider=provider or operation.provider, model=model or operation.model)


def merged(operations: list[Operation]) -> list[Operation]:
    """Add up the reports of a stream: one operation per provider and model, batch requests apart."""
    sums: dict[tuple[object, ...], Operation] = {}
    for operation in operations:
        key = (operation.provider, operation.model, operation.start_s, operation.request_id)
        before = sums.get(key)
        if before is None:
            sums[key] = operation
            continue
        names = {**before.quantities, **operation.quantities}
        added = {n: before.quantities.get(n, 0) + operation.quantities.get(n, 0) for n in names}
        sums[key] = replace(before, quantities={n: round(value, 6) for n, value in added.items()})
    return list(sums.values())


def _request_operation(
    stage: str, metrics: LLMMetrics | TTSMetrics, to_steady_time: ToSteadyTime, ttfb_s: float, used: Mapping[str, float]
) -> Operation:
    """A request whose report comes when it has ended."""
    return replace(
        _operation_of(stage, metrics.label, metrics.metadata),
        request_id=metrics.request_id or None,
        start_s=to_steady_time(metrics.timestamp) - metrics.duration,
        ttfb_s=_positive_or_none(ttfb_s),
        duration_s=_positive_or_none(metrics.duration),
        status="cancelled" if metrics.cancelled else None,
        quantities=_quantities(used),
    )


def _operation_of(stage: str, label: str, metadata: Metadata | None) -> Operation:
    provider, model = (metadata.model_provider, metadata.model_name) if metadata else (None, None)
    return Operation(stage, provider_name(provider, label), model_name(model))


def _positive_or_none(seconds: float) -> float | None:
    return seconds if seconds > 0 else None


def _quantities(used: Mapping[str, float]) -> dict[str, float]:
    """Keep what was counted. Output of 0 beside a counted input is a count: a request given up before its answer."""
    counted = {name: round(amount, 6) for name, amount in used.items() if amount > 0}
    if "input_tokens" in counted and "output_tokens" in used:
        counted.setdefault("output_tokens", 0)
    return counted
