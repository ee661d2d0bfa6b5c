"""Who sends the bill, and for which model: other systems' names in the words of the log."""

from __future__ import annotations

from typing import Final

_RENAMED: Final = {
    "11labs": "elevenlabs",
    "aws.bedrock": "aws",
    "azure-openai": "azure",
    "azure.ai.openai": "azure",
    "gcp.gemini": "google",
    "gcp.gen_ai": "google",
    "gcp.vertex_ai": "google",
    "mistral_ai": "mistral",
    "rime-ai": "rime",
    "together-ai": "together",
    "x_ai": "xai",
}
_UNKNOWN: Final = frozenset({"", "unknown", "none", "custom-llm", "custom-voice", "not_given"})


def provider_name(name: str | None) -> str | None:
    """The provider in lower case; None where the source does not know it, or it is the user's own."""
    word = (name or "").strip().lower()
    return None if word in _UNKNOWN else _RENAMED.get(word, word)


def model_name(name: str | None) -> str | None:
    """The model as the provider calls it; None where the source does not know it."""
    return None if (name or "").strip().lower() in _UNKNOWN else name
