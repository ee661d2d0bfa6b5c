"""Transcripts of calls, in any of the forms that agents keep them in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

from voicetel.outcomes import TurnText
from voicetel.recorder.turns.turn_metrics import SIDES, TurnMetrics, side_of

Entry: TypeAlias = str | tuple[str, str] | Mapping[str, object] | TurnMetrics
"""A text, (role, text), ``{"role": …, "content": …}`` or a TurnMetrics."""

Transcript: TypeAlias = str | Sequence[Entry]
"""A call's texts in their order. A string is read line by line, ``user: …`` and ``assistant: …`` saying who speaks.

Text of an unknown speaker counts for either side.
"""

_SPEAKER: Final = re.compile(rf"\s*({'|'.join(SIDES)})\s*:\s*(.*)", re.IGNORECASE)


def turn_texts(transcript: Transcript) -> list[TurnText]:
    """Every text as a turn of its own; what neither caller nor agent said is left out."""
    entries = transcript.splitlines() if isinstance(transcript, str) else transcript
    return [turn for each in entries if (turn := _spoken(each)) is not None]


def _spoken(entry: Entry) -> TurnText | None:
    role, text = _role_and_text(entry)
    if not text.strip():
        return None
    if role is None:
        return TurnText(user=text, agent=text)
    side = side_of(role)
    return None if side is None else TurnText(user=text) if side == "user" else TurnText(agent=text)


def _role_and_text(entry: Entry) -> tuple[str | None, str]:
    if isinstance(entry, TurnMetrics):
        return entry.role, entry.content
    if isinstance(entry, Mapping):
        return str(entry.get("role") or "") or None, str(entry.get("content") or "")
    if isinstance(entry, tuple):
        return entry
    line = _SPEAKER.fullmatch(entry)
    return (line[1], line[2]) if line else (None, entry)
