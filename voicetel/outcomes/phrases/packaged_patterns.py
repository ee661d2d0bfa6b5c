"""The phrases of the packaged rules, ready made, and their patterns: to make them of the rules takes a third of a second.

``scripts/phrase_patterns.py`` writes them, and a test holds them to the rules.
"""

from __future__ import annotations

import importlib.resources
import json
from dataclasses import dataclass

PATTERNS = "packaged_patterns.json"


@dataclass(frozen=True, slots=True)
class PackagedPhrases:
    """``keys``: those of each line of the rules, as ``expand`` gives them; ``longest``: ``PhraseBook.longest`` of these."""

    keys: list[list[str]]
    longest: dict[str, str]


def packaged_phrases(fingerprint: str) -> PackagedPhrases | None:
    """Those of the rules with this fingerprint, if they are the packaged ones; else None."""
    text = importlib.resources.files("voicetel.outcomes.phrases").joinpath(PATTERNS).read_text(encoding="utf-8")
    found = json.loads(text)
    return PackagedPhrases(found["keys"], found["longest"]) if found["fingerprint"] == fingerprint else None
