"""The patterns of the packaged rules, ready made: to make them of their phrases takes a fifth of a second.

``scripts/phrase_patterns.py`` writes them, and a test holds them to the rules.
"""

from __future__ import annotations

import importlib.resources
import json

PATTERNS = "packaged_patterns.json"


def packaged_patterns(fingerprint: str) -> dict[str, str] | None:
    """``PhraseBook.longest`` of the rules with this fingerprint, if they are the packaged ones; else None."""
    text = importlib.resources.files("voicetel.outcomes.phrases").joinpath(PATTERNS).read_text(encoding="utf-8")
    found: dict[str, str] = json.loads(text)
    return found if found.pop("fingerprint") == fingerprint else None
