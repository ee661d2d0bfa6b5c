"""What an invoice counts in, as the quantities that the log counts."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache

from voicetel.pricing.units import AUDIO_STAGES, BILLABLES

_TIMES: dict[str, Fraction | int] = {
    "s": 1, "sec": 1, "second": 1, "seconds": 1, "duration_seconds": 1,
    "min": 60, "minute": 60, "minutes": 60, "duration_minutes": 60,
    "h": 3600, "hr": 3600, "hrs": 3600, "hour": 3600, "hours": 3600, "duration_hours": 3600,
    "ms": Fraction(1, 1000), "milliseconds": Fraction(1, 1000),
}  # fmt: skip

_COUNTED = {
    "characters": "characters", "character": "characters", "chars": "characters", "credits": "characters",
    "requests": "requests", "request": "requests", "calls": "requests", "call": "requests",
    "tokens": "input_tokens", "token": "input_tokens",
    "input tokens": "input_tokens", "prompt tokens": "input_tokens",
    "output tokens": "output_tokens", "completion tokens": "output_tokens",
    "cached input tokens": "cached_input_tokens", "cached tokens": "cached_input_tokens",
    "audio input tokens": "input_audio_tokens", "audio output tokens": "output_audio_tokens",
}  # fmt: skip

_MULTIPLES = {
    "k": 1_000,
    "1k": 1_000,
    "1000": 1_000,
    "thousand": 1_000,
    "m": 10**6,
    "1m": 10**6,
    "million": 10**6,
    "mtok": 10**6,
}

QUANTITIES = tuple(billable.quantity for billable in BILLABLES if billable.quantity != "calls")


@lru_cache(4096)
def unit_of(text: str, stage: str | None = None) -> tuple[str, Fraction] | None:
    """(quantity of the log, how many of it are one) of a unit; None where it is none that the log counts.

    Time is ``audio_s`` in the stages that are billed by their audio and ``session_s`` elsewhere. A name of the log is its
    own unit.
    """
    words = re.sub(r"[\s_]+", " ", text.casefold().strip().removeprefix("per ")).strip()
    if words.replace(" ", "_") in QUANTITIES:
        return words.replace(" ", "_"), Fraction(1)
    first, _, rest = words.partition(" ")
    factor = Fraction(_MULTIPLES[first]) if rest and first in _MULTIPLES else Fraction(1)
    name = rest if rest and first in _MULTIPLES else words
    timed = _TIMES.get(name) or _TIMES.get(name.replace(" ", "_"))
    if timed:
        return ("audio_s" if stage in AUDIO_STAGES else "session_s"), factor * timed
    counted = _COUNTED.get(name)
    return (counted, factor) if counted else None


def stage_of(text: str) -> str | None:
    """The stage that a product's name speaks of; None where it does not say."""
    words = text.casefold()
    for stage, signs in _SIGNS.items():
        if any(sign in words for sign in signs):
            return stage
    return None


_SIGNS = {
    "realtime": ("realtime", "real-time api", "speech-to-speech", "voice agent"),
    "stt": ("speech-to-text", "speech to text", "stt", "transcri", "whisper", "nova-", "flux", "scribe"),
    "tts": ("text-to-speech", "text to speech", "tts", "aura", "voice synthesis", "eleven_", "sonic"),
    "transport": ("voice minutes", "call", "telephony", "sip", "trunk", "webrtc"),
    "llm": ("gpt", "llm", "token", "gemini", "llama", "claude", "completion"),
}
