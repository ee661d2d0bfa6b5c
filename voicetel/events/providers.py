"""Who sends the bill: the vendor's name, lower case, out of what others call it: "Deepgram", ``api.groq.com``, ``gcp.gemini``."""

from __future__ import annotations

import re
from typing import Final

_UNKNOWN: Final = frozenset(
    {"", "unknown", "none", "custom", "custom-llm", "custom-transcriber", "custom-voice", "not_given"}
)
_HOST: Final = re.compile(r"^(?:[a-z][a-z0-9+.-]*://)?(?P<name>[a-z0-9-]+(?:\.[a-z0-9-]+)+)(?::\d+)?(?:/.*)?$")
_SECOND_LEVEL: Final = frozenset({"co", "com", "net", "org", "gov", "ac"})
_ADDRESS: Final = re.compile(r"^\d+(?:\.\d+){3}$")
_RENAMED: Final = {
    "11labs": "elevenlabs",
    "amazon": "aws",
    "amazonaws": "aws",
    "anthropic-bedrock": "aws",
    "assembly-ai": "assemblyai",
    "aws bedrock": "aws",
    "aws.bedrock": "aws",
    "azure-openai": "azure",
    "azure.ai.inference": "azure",
    "azure.ai.openai": "azure",
    "deep-seek": "deepseek",
    "gcp.gemini": "google",
    "gcp.gen_ai": "google",
    "gcp.vertex_ai": "google",
    "gemini": "google",
    "googleapis": "google",
    "microsoft": "azure",
    "mistral_ai": "mistral",
    "moonshot_ai": "moonshot",
    "perplexity-ai": "perplexity",
    "rime-ai": "rime",
    "smallest-ai": "smallest",
    "together-ai": "together",
    "vertex ai": "google",
    "windows": "azure",
    "x": "xai",
    "x_ai": "xai",
}


def provider_name(word: str | None) -> str | None:
    """The provider by a name or a host; None where that says nothing, or that it is the user's own."""
    name = (word or "").strip().lower()
    if name in _UNKNOWN:
        return None
    if name in _RENAMED:
        return _RENAMED[name]
    host = _HOST.match(name)
    if host and not _ADDRESS.match(host["name"]):
        name = _owner(host["name"])
    return _RENAMED.get(name, name)


def model_name(model: str | None) -> str | None:
    """The model as its provider calls it; None for words that say that it is not known."""
    return None if model is None or model.strip().lower() in _UNKNOWN else model


def _owner(host: str) -> str:
    """``api.groq.com`` is groq's, ``my-unit.openai.azure.com`` azure's, ``speech.example.co.uk`` example's."""
    labels = host.split(".")
    at = -3 if len(labels) > 2 and labels[-2] in _SECOND_LEVEL else -2
    return labels[at]
