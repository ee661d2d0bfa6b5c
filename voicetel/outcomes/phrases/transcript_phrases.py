"""The rule that goes by the phrases in a call's transcript."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from voicetel.outcomes.outcome import CallOutcome, Classification, Silent

if TYPE_CHECKING:
    from voicetel.outcomes.evidence import Evidence, PhraseHit
    from voicetel.outcomes.rules import PhraseGroup, Rules


def phrases(evidence: Evidence, rules: Rules) -> Classification | Silent:
    matched = _matched_groups(evidence, rules)
    if not matched:
        return Silent("no phrase that tells")
    overridden = {outcome for group, (_, hit) in matched.items() if hit.late for outcome in group.beats}
    strengths = {
        outcome: 1 - math.prod(1 - weight for group, (weight, _) in matched.items() if group.result.outcome is outcome)
        for outcome in _PRECEDENCE
        if outcome not in overridden
    }
    best = max(_PRECEDENCE, key=lambda outcome: strengths.get(outcome, 0.0))
    rest = max((strength for outcome, strength in strengths.items() if outcome is not best), default=0.0)
    confidence = round(strengths.get(best, 0.0) * (1 - rules.settings.contest_weight * rest), 4)
    reason = "; ".join(
        f'{hit.who} said "{rules.phrases[hit.phrase].line}" ({group.name})'
        for group, (_, hit) in matched.items()
        if group.result.outcome is best
    )
    if confidence < rules.settings.least_confidence:
        return Silent(f"{best} too weak ({confidence}): {reason}")
    return Classification(best, confidence, reason, "phrases")


_MATCHED_LINE = re.compile(r'\b(user|agent) said ".*?" \((.+?)\)(?=$|; (?:user|agent) said ")', re.DOTALL)
"""What ``phrases`` gives as the reason for each group: the line of the rules that matched, which is no quotation. Names of groups may be any."""

_WHOSE = {"user": "caller's", "agent": "agent's"}


def in_plain_words(reason: str, rule: str) -> str:
    """What ``rule`` gave as its reason, for people: names of groups in place of the lines of the rules that matched.

    ``user said "forget (it|about it)" (en.given_up)`` is ``caller's phrase: given up (en.given_up)``.
    """
    return _MATCHED_LINE.sub(_group_named, reason) if rule == "phrases" else reason


def _group_named(match: re.Match[str]) -> str:
    who, group = match.groups()
    name = group.rpartition(".")[2].replace("_", " ")
    return f"{_WHOSE[who]} phrase: {name} ({group})"


_PRECEDENCE = (
    CallOutcome.VOICEMAIL,
    CallOutcome.NO_ANSWER,
    CallOutcome.BUSY,
    CallOutcome.FAIL,
    CallOutcome.SUCCESS,
)
"""Of outcomes that are equally strong, the first wins."""


def _matched_groups(evidence: Evidence, rules: Rules) -> dict[PhraseGroup, tuple[float, PhraseHit]]:
    """For each group with a phrase in the transcript, how much its strongest phrase weighs and which that was."""
    matched: dict[PhraseGroup, tuple[float, PhraseHit]] = {}
    machine = _is_machine_alone(evidence, rules)
    for hit in evidence.phrases:
        group = rules.phrases[hit.phrase].group
        if not _counts(group, hit, evidence) or (machine and hit.who == "agent"):
            continue
        full = hit.late or group.opening_only
        weight = group.result.confidence * (1.0 if full else rules.settings.early_weight)
        if group not in matched or weight > matched[group][0]:
            matched[group] = (weight, hit)
    return dict(sorted(matched.items(), key=lambda item: (-item[1][0], item[0].name)))


def _counts(group: PhraseGroup, hit: PhraseHit, evidence: Evidence) -> bool:
    """Whether a phrase of the group counts where it stands, whose it is and in what kind of call."""
    if group.said_by not in (None, hit.who) or not group.result.applies_to(evidence.direction):
        return False
    if group.opening_only:
        return hit.before_person and evidence.turns_by_person < group.person_turns
    return hit.late or not group.late_only


def _is_machine_alone(evidence: Evidence, rules: Rules) -> bool:
    """Whether all that the other side said was a machine's: what the agent then says, nobody agreed to."""
    if evidence.turns_by_person:
        return False
    groups = ((rules.phrases[hit.phrase].group, hit) for hit in evidence.phrases)
    return any(group.opening_only and _counts(group, hit, evidence) for group, hit in groups)
