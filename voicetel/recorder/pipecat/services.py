"""Pipecat's services → who is asked, for what, and what it used."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, Literal

from pipecat.services.llm_service import LLMService
from pipecat.services.stt_service import STTService
from pipecat.services.tts_service import TTSService

from voicetel.events.operation import Operation
from voicetel.events.providers import model_name
from voicetel.recorder.vendors import provider_name

if TYPE_CHECKING:
    from pipecat.metrics.metrics import LLMTokenUsage

    from voicetel.recorder.destination import ProviderOverrides

Stage = Literal["stt", "llm", "tts"]

_PACKAGE: Final = re.compile(r"pipecat\.services\.(?P<vendor>\w+)\.")
_NET_OF_CACHE: Final = frozenset({"anthropic", "aws"})
"""Their count of input tokens leaves out what came from or went to the cache."""


def stage_of(service: object) -> Stage | None:
    """Give what a processor does, if it is a service that is billed."""
    if isinstance(service, STTService):
        return "stt"
    if isinstance(service, LLMService):
        return "llm"
    return "tts" if isinstance(service, TTSService) else None


def operation_of(stage: str, service: object, providers: ProviderOverrides) -> Operation:
    """Give an operation of a service, with who bills it and the model, as far as they are known."""
    named = providers.get(stage)
    provider, model = (named, None) if isinstance(named, str) else named or (None, None)
    own = getattr(getattr(service, "_settings", None), "model", None)
    return Operation(
        stage,
        provider or _vendor(service),
        model or model_name(own if isinstance(own, str) else None),
    )


def tokens_of(usage: LLMTokenUsage, provider: str | None) -> dict[str, float]:
    """Give what a request used, in the format's counts: input is all of it, cached and audio are parts of it."""
    read, written = usage.cache_read_input_tokens or 0, usage.cache_creation_input_tokens or 0
    beside = read + written if provider in _NET_OF_CACHE else 0
    counts = {
        "input_tokens": usage.prompt_tokens + beside,
        "cached_input_tokens": read,
        "cache_write_tokens": written,
        "input_audio_tokens": usage.input_audio_tokens,
        "cached_input_audio_tokens": usage.cache_read_input_audio_tokens,
        "output_tokens": usage.completion_tokens,
        "output_audio_tokens": usage.output_audio_tokens,
    }
    return {name: count for name, count in counts.items() if count}


def _vendor(service: object) -> str | None:
    """Who sends the bill: the host that an OpenAI-compatible client talks to, else the package of the service's class."""
    packages = (_PACKAGE.match(f"{each.__module__}.") for each in type(service).__mro__)
    vendor = next((found["vendor"] for found in packages if found and not found["vendor"].endswith("_service")), None)
    if vendor == "openai":
        address: Any = getattr(getattr(service, "_client", None), "base_url", None)
        host = getattr(address, "host", None)
        return (provider_name(host) if isinstance(host, str) and "." in host else None) or vendor
    return provider_name(vendor)
