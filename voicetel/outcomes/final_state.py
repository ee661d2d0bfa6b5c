"""The rule that reads the name of the state in which the dialogue ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.outcomes.names import name_words, words_at
from voicetel.outcomes.outcome import CallOutcome, Classification, Silent

if TYPE_CHECKING:
    from voicetel.outcomes.evidence import Evidence
    from voicetel.outcomes.rules import Rules, WordRule

_NEGATION_REACH = 2
"""Words of a state's name that may stand before the word they turn round: not_yet_booked."""

_MAX_STATES = 10_000
_states_read: dict[tuple[str, str], Classification | Silent] = {}
"""What was made of a name of a final state, by rules and name: calls are many, such names are few."""


def final_state(evidence: Evidence, rules: Rules) -> Classification | Silent:
    name = evidence.final_state
    if not name or not name.strip():
        return Silent("no final state")
    key = (rules.fingerprint, name)
    if key not in _states_read:
        if len(_states_read) >= _MAX_STATES:
            _states_read.clear()
        _states_read[key] = _final_state_of(name, rules)
    return _states_read[key]


def _final_state_of(name: str, rules: Rules) -> Classification | Silent:
    states = rules.final_states
    exact = states.exact.get(name.strip())
    if exact is not None:
        if exact is CallOutcome.UNKNOWN:
            return Silent(f"final state {name!r} is mapped to unknown")
        return Classification(
            exact, states.exact_confidence, f"final state {name!r} is mapped to {exact}", "final_state"
        )
    words = name_words(name)
    unfinished = any(words_at(word, words, i) for word in states.unfinished for i in range(len(words)))
    for rule, negated in _state_rules(words, rules):
        outcome = rule.result.outcome
        if negated and outcome is CallOutcome.SUCCESS:
            outcome = CallOutcome.FAIL
        elif negated or (unfinished and outcome is CallOutcome.SUCCESS):
            continue
        reason = f"final state {name!r}: {'not ' * negated}{rule.name}"
        return Classification(outcome, rule.result.confidence, reason, "final_state")
    return Silent(f"final state {name!r} has no word that tells")


def _state_rules(words: tuple[str, ...], rules: Rules) -> list[tuple[WordRule, bool]]:
    """The rules with a word in the name, in the rules' order, each with whether that word is negated."""
    states = rules.final_states
    found: list[tuple[int, WordRule, bool]] = []
    i = 0
    negation_at = -_NEGATION_REACH - 1
    while i < len(words):
        fits = [
            (length, -order, rule)
            for order, rule in enumerate(states.words)
            if (length := max((words_at(word, words, i) for word in rule.words), default=0))
        ]
        if fits:
            length, order, rule = max(fits, key=lambda fit: fit[:2])
            found.append((-order, rule, i - negation_at <= _NEGATION_REACH))
            i += length
            continue
        if words[i] in states.negations:
            negation_at = i
        i += 1
    # A negated good word is bad news and stands before plain good news.
    found.sort(key=lambda each: (each[1].result.outcome is CallOutcome.SUCCESS and not each[2], each[0]))
    return [(rule, negated) for _, rule, negated in found]
