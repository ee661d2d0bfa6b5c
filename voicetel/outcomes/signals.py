"""The rules that go by what was logged of a call beside its turns' texts: each gives a classification or stays silent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.outcomes.names import is_one_of, name_words
from voicetel.outcomes.outcome import CallOutcome, Classification, Silent

if TYPE_CHECKING:
    from voicetel.outcomes.evidence import Evidence
    from voicetel.outcomes.rules import Ending, RuleOutcome, Rules, SipRule


def logged(evidence: Evidence, rules: Rules) -> Classification | Silent:
    if evidence.outcome is None:
        return Silent("no outcome logged")
    try:
        outcome = CallOutcome(evidence.outcome.strip().lower())
    except ValueError:
        return Silent(f"{evidence.outcome!r} is no outcome")
    if outcome is CallOutcome.UNKNOWN:
        return Silent("logged as unknown")
    confidence = evidence.outcome_confidence
    if confidence is None or not 0 <= confidence <= 1:
        confidence = 1.0
    return Classification(outcome, confidence, evidence.outcome_reason or "logged", "logged")


def sip_status(evidence: Evidence, rules: Rules) -> Classification | Silent:
    status = evidence.sip_status
    if status is None:
        return Silent("no SIP status")
    if evidence.user_turns:
        return Silent(f"SIP {status}, but the caller spoke")
    rule = _sip_rule(status, evidence.direction, rules)
    if rule is None:
        return Silent(f"SIP {status} says nothing of the outcome")
    return _outcome_of(rule.result, f"SIP {status}: {rule.name}", "sip_status")


def _sip_rule(status: int, direction: str | None, rules: Rules) -> SipRule | None:
    speaking = [rule for rule in rules.sip_status if rule.result.applies_to(direction)]
    listed = (rule for rule in speaking if status in rule.codes)
    floors = (rule for rule in speaking if rule.at_least is not None and status >= rule.at_least)
    return next(listed, None) or max(floors, key=lambda rule: rule.at_least or 0, default=None)


def amd(evidence: Evidence, rules: Rules) -> Classification | Silent:
    if not evidence.amd:
        return Silent("no answering-machine detection")
    name = name_words(evidence.amd)
    rule = next((rule for rule in rules.amd if is_one_of(rule.words, name)), None)
    if rule is None:
        return Silent(f"{evidence.amd!r} says nothing of the outcome")
    if evidence.user_turns >= rules.settings.person_user_turns:
        return Silent(f"{evidence.amd!r}, but the caller spoke in {evidence.user_turns} turns")
    return _outcome_of(rule.result, f"answering-machine detection: {evidence.amd}", "amd")


def end_reason(evidence: Evidence, rules: Rules) -> Classification | Silent:
    return _ended(evidence, rules, after_phrases=False)


def late_end_reason(evidence: Evidence, rules: Rules) -> Classification | Silent:
    return _ended(evidence, rules, after_phrases=True)


def _ended(evidence: Evidence, rules: Rules, *, after_phrases: bool) -> Classification | Silent:
    if not evidence.end_reason:
        return Silent("no end reason")
    ending = rules.end_reason(evidence.end_reason)
    if ending is None:
        return Silent(f"{evidence.end_reason!r} is no end reason that the rules know")
    then = _meaning(ending, evidence)
    if then is None or ending.after_phrases != after_phrases:
        return Silent(f"{evidence.end_reason!r} says nothing of the outcome here")
    source = "late_end_reason" if after_phrases else "end_reason"
    return _outcome_of(then, f"ended by {evidence.end_reason}", source)


def marks(evidence: Evidence, rules: Rules) -> Classification | Silent:
    names = {kind: name_words(kind) for kind in evidence.marks}
    for ending in rules.marks:
        kind = next((kind for kind, name in names.items() if is_one_of(ending.words, name)), None)
        then = _meaning(ending, evidence)
        if kind is not None and then is not None:
            return _outcome_of(then, f"mark {kind}", "marks")
    return Silent("no mark that tells")


def _meaning(ending: Ending, evidence: Evidence) -> RuleOutcome | None:
    then = ending.spoke if evidence.user_turns else ending.silent
    return then if then is not None and then.applies_to(evidence.direction) else None


def brief(evidence: Evidence, rules: Rules) -> Classification | Silent:
    then = rules.settings.brief
    if not evidence.ended:
        return Silent("the call's end is not logged")
    if not evidence.brief or not then.applies_to(evidence.direction):
        return Silent("no brief outbound call")
    settings = rules.settings
    return _outcome_of(then, f"outbound, under {settings.brief_turns} turns and {settings.brief_s:g} s", "brief")


def nothing(evidence: Evidence, rules: Rules) -> Classification:
    return Classification(CallOutcome.UNKNOWN, 0.0, "no rule speaks", "none")


def _outcome_of(then: RuleOutcome, reason: str, source: str) -> Classification:
    return Classification(then.outcome, then.confidence, reason, source)
