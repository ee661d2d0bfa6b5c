"""The texts of the pages: in English as they stand in the code, in Russian by the table of ``russian``.

A test holds the pages and their script to that table.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from voicetel.reporters import formatting
from voicetel.reporters.html.russian import RUSSIAN

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

LANGUAGES = ("en", "ru")

_SCRIPT = (
    "Dark", "Light", "Dark colours", "Light colours", "{name}: p50 {p50}, p95 {p95} ms, n {n}", "Call, agent, version, language…",
    "Search calls", "Every outcome", "Every agent", "How slow", "Any response", "A turn over {ms} ms", "{n} of {all} calls",
    "{n} of {all} call", "Previous", "Next", "{n} of {all}", "Show the words", "Hide the words", "All calls", "ms response", "caller", "agent",
    "unattributed", "The call", "Turn by turn", "Who spoke when, over the whole call", "success", "fail", "unknown", "voicemail",
    "no answer", "busy", "Caller", "End of turn", "STT", "LLM", "Tool", "TTS", "Realtime", "Unattributed", "Agent",
    "All turns on one scale, {low} to {high} ms; 0 (dotted) is where the caller stops, the red dashes are {slow} ms. Pale: waiting for the provider. Solid: it answers. A red stroke ends speech that was cut off.",
)  # fmt: skip
"""What the script says."""

_SINGULAR: Mapping[str, tuple[re.Pattern[str], Mapping[str, str]]] = {
    "en": (
        re.compile("1"),
        {
            "calls": "call", "answered calls": "answered call", "successful calls": "successful call", "turns": "turn",
            "agent turns": "agent turn", "lines": "line", "operations": "operation", "unpriced operations": "unpriced operation",
            "other reasons": "other reason", "times": "time",
        },
    ),
    "ru": (
        re.compile(r"(.*[^1])?1"),
        {"звонков": "звонка", "отвеченных звонков": "отвеченного звонка", "реплик": "реплики"},
    ),
}  # fmt: skip
"""Language → which figures go with the singular, and what stands behind a figure, in the plural → in the singular."""

_UNIT = re.compile(r"(?<=\d) (ms|s|min|h|pt)\b")

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Translator:
    """Writes the texts of a page in one language of LANGUAGES."""

    language: str

    def __call__(self, words: str, **values: str) -> str:
        """``words`` in the language, with ``values`` in the places of their names; one thing is in the singular."""
        written = RUSSIAN.get(words, words) if self.language == "ru" else words
        return self._singular(written, values).format_map(values) if values else written

    def _singular(self, written: str, values: Mapping[str, str]) -> str:
        """The words with the noun behind each place that a one, in Russian also a 21, is put into in the singular."""
        is_one, nouns = _SINGULAR[self.language]
        for name, value in values.items():
            if is_one.fullmatch(value):
                written = re.sub(
                    rf"(?<={{{name}}}) ({'|'.join(nouns)})\b", lambda found: f" {nouns[found[1]]}", written
                )
        return written

    def units(self, text: str) -> str:
        """A figure with its unit in the language: 120 ms, +2.1 pt."""
        return _UNIT.sub(lambda found: f" {self(found[1])}", text)

    def script_words(self) -> dict[str, str]:
        """What the script says: English → the language."""
        return {each: self(each) for each in _SCRIPT}

    def period(self, first: datetime, last: datetime) -> str:
        """The days from one time to another, in the zone of the later one: 2 – 6 Nov 2026 UTC."""
        return formatting.period(first, last, last.tzinfo or UTC, self._month)

    def _month(self, day: datetime) -> str:
        return self(MONTHS[day.month - 1])
