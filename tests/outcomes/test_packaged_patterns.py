"""The patterns that come with the package are those of its rules."""

from __future__ import annotations

from voicetel.outcomes import load_rules
from voicetel.outcomes.phrases.packaged_patterns import packaged_phrases
from voicetel.outcomes.phrases.phrases import PhraseBook


def test_patterns_are_of_the_packaged_rules() -> None:
    """Where this fails after a change of outcomes.toml: ``python scripts/phrase_patterns.py``."""
    rules = load_rules()
    keys = [phrase.keys for phrase in rules.phrases]
    made = PhraseBook(keys, rules.negations, rules.machine_greeting_phrases)
    found = packaged_phrases(rules.fingerprint)
    assert found is not None
    assert [tuple(each) for each in found.keys] == keys
    assert found.longest == made.longest
    assert rules.book.parameters == made.parameters


def test_other_rules_have_patterns_of_their_own() -> None:
    """What the package brings is for its own rules alone."""
    assert packaged_phrases("of a user") is None
