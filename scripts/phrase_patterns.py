"""Write the patterns of the packaged outcome rules, which are read where their phrases are looked for."""

from __future__ import annotations

import json
from pathlib import Path

import voicetel.outcomes.phrases.packaged_patterns as packaged
from voicetel.outcomes import Rules, load_rules
from voicetel.outcomes.phrases.phrases import PhraseBook


def patterns_of(rules: Rules) -> str:
    """The text of the file."""
    book = PhraseBook([phrase.keys for phrase in rules.phrases], rules.negations, rules.opening_phrases)
    written = {"fingerprint": rules.fingerprint, **book.longest}
    return json.dumps(written, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    Path(packaged.__file__).with_name(packaged.PATTERNS).write_text(patterns_of(load_rules()), encoding="utf-8")
