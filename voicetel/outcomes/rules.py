"""The rules by which a call's outcome is decided, as one immutable value.

What the rules say stands in outcomes.toml; ``loading`` reads it. Confidences run from 0 to 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from voicetel.outcomes.names import is_one_of, name_words
from voicetel.outcomes.phrases.packaged_patterns import packaged_phrases
from voicetel.outcomes.phrases.phrase_lines import expand
from voicetel.outcomes.phrases.phrases import Negation, PhraseBook

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicetel.outcomes.outcome import CallOutcome

Speaker = Literal["user", "agent"]
"""Who said it: the other party on the line, whoever dialled, or the agent whose log it is."""

_MAX_END_REASONS = 10_000
_MAX_END_REASON_LENGTH = 200
"""Longer ones are no words of any vendor's, and are not kept."""

UNKNOWN_DIRECTION = "unknown"
"""How the rules call the direction of a call whose log does not say."""


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """What a rule decides where it applies. ``directions``: only in calls of these; empty is any."""

    outcome: CallOutcome
    confidence: float
    directions: tuple[str, ...] = ()

    def applies_to(self, direction: str | None) -> bool:
        """Whether it speaks of calls in this direction."""
        return not self.directions or (direction or UNKNOWN_DIRECTION) in self.directions


@dataclass(frozen=True, slots=True)
class SipRule:
    """SIP statuses and what they mean. ``at_least`` takes every status from there on that no other rule lists."""

    name: str
    codes: tuple[int, ...]
    at_least: int | None
    result: RuleOutcome


@dataclass(frozen=True, slots=True)
class WordRule:
    """Words, each one or several, and what they mean. A ``*`` at the end of a word leaves it open."""

    name: str
    words: tuple[str, ...]
    result: RuleOutcome


@dataclass(frozen=True, slots=True)
class FinalStates:
    """How the name of the last state is read: the whole name first, then the words in it."""

    exact: Mapping[str, CallOutcome]
    exact_confidence: float
    negations: tuple[str, ...]
    unfinished: tuple[str, ...]
    """Words of a state in which something is still going on: with one of them nothing is a success."""
    words: tuple[WordRule, ...]
    """The first rule with a word in the name wins: bad news stands before good news."""


@dataclass(frozen=True, slots=True)
class Ending:
    """A reason for the call's end, or a mark, under the format's name and the vendors' own words."""

    name: str
    words: tuple[str, ...]
    spoke: RuleOutcome | None
    """Where the caller spoke."""
    silent: RuleOutcome | None
    """Where the caller never spoke."""
    after_phrases: bool
    """Speaks only where the words that were said tell nothing."""


@dataclass(frozen=True, slots=True)
class PhraseGroup:
    """Phrases that mean the same."""

    name: str
    said_by: Speaker | None
    """Whose words count; None is anybody's."""
    result: RuleOutcome
    late_only: bool
    """Counts in the last turns of the call alone."""
    opening_only: bool
    """What machines say when they answer: counts in the opening of the call alone, and not once a person came on."""
    person_turns: int
    """From this many turns with a person's words on, such phrases no longer count."""
    beats: tuple[CallOutcome, ...]
    """Outcomes that no longer count where this was said in the last turns: a change of mind."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """One line of a group: a phrase in all its variants."""

    line: str
    """As the rules have it."""
    group: PhraseGroup

    @property
    def keys(self) -> tuple[str, ...]:
        """The variants as the pattern captures them. Most runs ask for none."""
        return expand(self.line)


@dataclass(frozen=True, slots=True)
class Settings:
    """Numbers of the chain."""

    late_turns: int
    """How many turns at its end are the end of a call."""
    early_weight: float
    """Share of its confidence that a phrase keeps when it was said before them."""
    contest_weight: float
    """How much the strength of the second outcome takes from the first."""
    least_confidence: float
    """Phrases that come to less than this say nothing."""
    person_user_turns: int
    """From this many turns with the caller's words on, whoever answered is no machine."""
    person_turns: int
    """From this many turns on that no machine would say, a machine's greeting was no machine's, or a person came on."""
    brief_turns: int
    """A brief call has fewer turns than this…"""
    brief_s: float
    """… and is shorter than this, in seconds."""
    brief: RuleOutcome


@dataclass(frozen=True)
class Rules:
    """Everything ``classify`` goes by. ``fingerprint`` changes whenever an outcome or a phrase hit could."""

    source: str
    fingerprint: str
    settings: Settings
    sip_status: tuple[SipRule, ...]
    final_states: FinalStates
    amd: tuple[WordRule, ...]
    end_reasons: tuple[Ending, ...]
    marks: tuple[Ending, ...]
    negations: tuple[Negation, ...]
    phrases: tuple[Phrase, ...]
    """What is looked for in texts; ``PhraseHit.phrase`` is an index into this."""

    @cached_property
    def book(self) -> PhraseBook:
        """The phrases made ready for looking up."""
        known = packaged_phrases(self.fingerprint)
        if known is not None:
            return PhraseBook(known.keys, self.negations, self.machine_greeting_phrases, known.longest)
        return PhraseBook([phrase.keys for phrase in self.phrases], self.negations, self.machine_greeting_phrases)

    @cached_property
    def machine_greeting_phrases(self) -> frozenset[int]:
        """Indices of the phrases that machines answer with."""
        return frozenset(i for i, phrase in enumerate(self.phrases) if phrase.group.opening_only)

    @cached_property
    def max_turns_by_person(self) -> int:
        """No rule asks for more turns of a person's than this."""
        return max((phrase.group.person_turns for phrase in self.phrases), default=0)

    @cached_property
    def _known_end_reasons(self) -> dict[str, Ending | None]:
        """What words were found to stand for: calls are many, such words are few."""
        return {}

    def end_reason(self, word: str) -> Ending | None:
        """The reason for the end that a vendor's word, or the format's own, stands for."""
        known = self._known_end_reasons
        if word in known:
            return known[word]
        name = name_words(word)
        found = next((ending for ending in self.end_reasons if is_one_of(ending.words, name)), None)
        if len(known) < _MAX_END_REASONS and len(word) <= _MAX_END_REASON_LENGTH:
            known[word] = found
        return found
