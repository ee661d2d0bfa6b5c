"""Who sends the bill."""

from __future__ import annotations

import pytest

from voicetel.events.providers import model_name
from voicetel.recorder.vendors import provider_name


@pytest.mark.parametrize(
    ("vendor", "module", "provider"),
    [
        ("Deepgram", "livekit.plugins.deepgram.stt.STT", "deepgram"),
        ("api.groq.com", "livekit.plugins.openai.llm.LLM", "groq"),
        ("https://api.groq.com/openai/v1", "", "groq"),
        ("my-unit.openai.azure.com", "", "azure"),
        ("speech.example.co.uk", "", "example"),
        ("Vertex AI", "", "google"),
        ("livekit", "livekit.agents.inference.llm.LLM", "livekit"),
        ("unknown", "livekit.plugins.cartesia.tts.TTS", "cartesia"),
        (None, "pipecat.services.elevenlabs.tts", "elevenlabs"),
        ("10.0.0.7", "", "10.0.0.7"),
        ("unknown", "my_agent.speech.Voice", None),
        (None, "", None),
    ],
)
def test_provider(vendor: str | None, module: str, provider: str | None) -> None:
    """Names, hosts and plugin modules all come down to the vendor's name; what says nothing gives none."""
    assert provider_name(vendor, module) == provider


def test_model_is_kept_as_given() -> None:
    """A model keeps its case and its slashes; a framework's word for not knowing is no model."""
    assert model_name("openai/gpt-4o-Mini") == "openai/gpt-4o-Mini"
    assert model_name("unknown") is None
    assert model_name(None) is None
