"""Which language a text is in, as far as scoring it needs to know."""

from __future__ import annotations

import re

_CYRILLIC = re.compile(r"[\u0400-\u04FF]")
_LATIN = re.compile(r"[A-Za-z\u00C0-\u024F]")
_LETTER = re.compile(r"[^\W\d_]")

UNDECIDED = frozenset({"", "multi", "auto", "unknown", "und"})
"""What logs say where the language was left to the recogniser."""


def language_of(text: str, logged: str | None = None) -> str | None:
    """The primary subtag of the language that was logged (``en`` of ``en-GB``), else what the text's letters tell.

    Letters tell English from Russian and nothing else: Cyrillic is taken for Russian and Latin for English if most
    letters are of that script. A log whose calls are in other languages has to say so. None for anything else.
    """
    language = re.split(r"[-_]", (logged or "").strip().lower(), maxsplit=1)[0]
    if language not in UNDECIDED:
        return language
    letters = len(_LETTER.findall(text))
    if letters and 2 * len(_CYRILLIC.findall(text)) > letters:
        return "ru"
    if letters and 2 * len(_LATIN.findall(text)) > letters:
        return "en"
    return None
