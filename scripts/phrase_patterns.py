"""Write the phrases and patterns of the packaged outcome rules, which are read where their phrases are looked for."""

from __future__ import annotations

import json
from pathlib import Path

import voicetel.outcomes.phrases.packaged_patterns as packaged
from voicetel.outcomes import Rules, load_rules
from voicetel.outcomes.phrases.phrases import PhraseBook


def patterns_of(rules: Rules) -> str:
    """The text of the file."""
    keys = [phrase.keys for phrase in rules.phrases]
    book = PhraseBook(keys, rules.negations, rules.machine_greeting_phrases)
    longest = json.dumps(book.longest, ensure_ascii=False, indent=1)
    lines = ",\n".join(json.dumps(each, ensure_ascii=False) for each in keys)
    return f'{{"fingerprint": "{rules.fingerprint}",\n"longest": {longest},\n"keys": [\n{lines}\n]}}\n'


if __name__ == "__main__":
    Path(packaged.__file__).with_name(packaged.PATTERNS).write_text(patterns_of(load_rules()), encoding="utf-8")
