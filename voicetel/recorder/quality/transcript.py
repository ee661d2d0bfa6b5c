"""What was said in a call, in any of the ways that agents keep it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

from voicetel.outcomes import TurnText
from voicetel.recorder.turns.turn_metrics import SIDES, TurnMetrics, side_of

Said: TypeAlias = str | tuple[str, str] | Mapping[str, object] | TurnMetrics
"""Something that was said: words, (role, words), ``{"role": …, "content": …}`` or a TurnMetrics."""

Transcript: TypeAlias = str | Sequence[Said]
"""A call's words in their order. A text is read line by line, ``user: …`` and ``assistant: …`` saying who speaks.

Words of an unknown speaker count for either side.
"""

_SPEAKER: Final = re.compile(rf"\s*({'|'.join(SIDES)})\s*:\s*(.*)", re.IGNORECASE)


def spoken_turns(transcript: Transcript) -> list[TurnText]:
    """Everything that was said, one turn each; what neither caller nor agent said is left out."""
    said = transcript.splitlines() if isinstance(transcript, str) else transcript
    return [turn for each in said if (turn := _spoken(each)) is not None]


def _spoken(said: Said) -> TurnText | None:
    role, words = _role_and_words(said)
    if not words.strip():
        return None
    if role is None:
        return TurnText(user=words, agent=words)
    side = side_of(role)
    return None if side is None else TurnText(user=words) if side == "user" else TurnText(agent=words)


def _role_and_words(said: Said) -> tuple[str | None, str]:
    if isinstance(said, TurnMetrics):
        return said.role, said.content
    if isinstance(said, Mapping):
        return str(said.get("role") or "") or None, str(said.get("content") or "")
    if isinstance(said, tuple):
        return said
    line = _SPEAKER.fullmatch(said)
    return (line[1], line[2]) if line else (None, said)
