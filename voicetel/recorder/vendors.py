"""Who sends the bill: the vendor's name out of what a framework knows about a component.

Frameworks say "Deepgram", "api.groq.com" or nothing at all; the log says ``deepgram`` and ``groq``.
"""

from __future__ import annotations

import re

_UNKNOWN = frozenset({"", "unknown", "none", "custom"})
_HOST = re.compile(r"^(?:[a-z][a-z0-9+.-]*://)?(?P<name>[a-z0-9-]+(?:\.[a-z0-9-]+)+)(?::\d+)?(?:/.*)?$")
_SECOND_LEVEL = frozenset({"co", "com", "net", "org", "gov", "ac"})
_ADDRESS = re.compile(r"^\d+(?:\.\d+){3}$")
_RENAMED = {
    "vertex ai": "google",
    "gemini": "google",
    "googleapis": "google",
    "windows": "azure",
    "microsoft": "azure",
    "amazonaws": "aws",
    "aws bedrock": "aws",
    "amazon": "aws",
}
_PLUGIN = re.compile(r"^(?:livekit\.plugins|pipecat\.services)\.(?P<vendor>[a-z0-9_]+)")


def provider_name(vendor: str | None, module: str = "") -> str | None:
    """Give the vendor who bills, lower case, or None where nothing says who.

    ``vendor`` is the framework's word for it, a name or a host; ``module`` is the component's Python module, which
    decides where there is no word: ``livekit.plugins.deepgram.stt`` is deepgram.
    """
    word = (vendor or "").strip().lower()
    if word in _UNKNOWN:
        plugin = _PLUGIN.match(module)
        return plugin["vendor"] if plugin else None
    host = _HOST.match(word)
    if host and not _ADDRESS.match(host["name"]):
        word = _owner(host["name"])
    return _RENAMED.get(word, word)


def _owner(host: str) -> str:
    """``api.groq.com`` is groq's, ``my-unit.openai.azure.com`` azure's, ``speech.example.co.uk`` example's."""
    labels = host.split(".")
    at = -3 if len(labels) > 2 and labels[-2] in _SECOND_LEVEL else -2
    return labels[at]


def model_name(model: str | None) -> str | None:
    """Give the model as the framework has it; its words for "don't know" are None."""
    return None if model is None or model.strip().lower() in _UNKNOWN else model
