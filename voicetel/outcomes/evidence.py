"""What a call's outcome is classified by: few and small values, so that calls that look alike are classified once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from voicetel.outcomes.rules import Rules, Speaker


class PhraseHit(NamedTuple):
    """A phrase of the rules that was said in a call."""

    phrase: int
    """Index into ``Rules.phrases``."""
    who: Speaker
    late: bool
    """Said in the last turns of the call: the rules' ``late_turns``."""
    before_person: bool = False
    """Said in the opening of the call: the caller's first turns, for as long as each has an opening phrase."""


class TurnText(NamedTuple):
    """The texts of one turn. None: this side did not speak. Empty: it spoke, and the words are not known."""

    user: str | None = None
    agent: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that a call's outcome depends on."""

    outcome: str | None = None
    """As logged in call_ended, like the two that follow."""
    outcome_confidence: float | None = None
    outcome_reason: str | None = None
    sip_status: int | None = None
    amd: str | None = None
    final_state: str | None = None
    end_reason: str | None = None
    """The format's word, or a vendor's."""
    direction: str | None = None
    marks: tuple[str, ...] = ()
    """Kinds of mark, sorted and distinct."""
    user_turns: int = 0
    """Turns in which the caller spoke: those with a ``user``, whether or not its words are known."""
    turns: int = 0
    brief: bool = False
    """The call had fewer turns than the rules' ``brief_turns`` and is known to be shorter than their ``brief_s``."""
    ended: bool = False
    """A call_ended was logged."""
    phrases: tuple[PhraseHit, ...] = ()
    """Sorted and distinct."""
    turns_by_person: int = 0
    """Turns in which the caller spoke without an opening phrase, counted up to the rules' ``max_turns_by_person``."""


def evidence_from_turns(
    turns: Sequence[TurnText],
    rules: Rules,
    *,
    duration_s: float | None = None,
    outcome: str | None = None,
    outcome_confidence: float | None = None,
    outcome_reason: str | None = None,
    sip_status: int | None = None,
    amd: str | None = None,
    final_state: str | None = None,
    end_reason: str | None = None,
    direction: str | None = None,
    marks: Iterable[str] = (),
    ended: bool = True,
) -> Evidence:
    """The evidence of a call whose turns are at hand, in their order, as SQL gathers it for calls in a log."""
    phrases, turns_by_person = _phrases(turns, rules)
    return Evidence(
        outcome=outcome,
        outcome_confidence=outcome_confidence,
        outcome_reason=outcome_reason,
        sip_status=sip_status,
        amd=amd,
        final_state=final_state,
        end_reason=end_reason,
        direction=direction,
        marks=tuple(sorted(set(marks))),
        user_turns=sum(turn.user is not None for turn in turns),
        turns=len(turns),
        brief=is_brief(len(turns), duration_s, rules),
        ended=ended,
        phrases=phrases,
        turns_by_person=turns_by_person,
    )


def is_brief(turns: int, duration_s: float | None, rules: Rules) -> bool:
    """Whether a call of so many turns and seconds is a brief one; of unknown length it is not."""
    settings = rules.settings
    return turns < settings.brief_turns and duration_s is not None and duration_s < settings.brief_s


def _phrases(turns: Sequence[TurnText], rules: Rules) -> tuple[tuple[PhraseHit, ...], int]:
    """What was said in the turns, and in how many of them a person spoke."""
    first_late = len(turns) - rules.settings.late_turns
    hits: set[PhraseHit] = set()
    turns_by_person = 0
    for i, turn in enumerate(turns):
        found = phrase_hits(turn.user or "", rules)
        turns_by_person += turn.user is not None and rules.machine_greeting_phrases.isdisjoint(found)
        late, before_person = i >= first_late, turns_by_person == 0
        hits.update(PhraseHit(phrase, "user", late, before_person) for phrase in found)
        hits.update(PhraseHit(phrase, "agent", late, before_person) for phrase in phrase_hits(turn.agent or "", rules))
    return tuple(sorted(hits)), min(turns_by_person, rules.max_turns_by_person)


def phrase_hits(text: str, rules: Rules) -> tuple[int, ...]:
    """Indices into ``rules.phrases`` of what the text says and no negation turns round, sorted and distinct."""
    return rules.book.hits(text)
