"""The chain of rules that decides how a call ended. The first that speaks wins.

``verdict`` depends on the evidence alone: the recorder and the analyzers rule alike, and calls with the same
evidence need to be judged only once.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from voicetel.outcomes.loading import load_rules
from voicetel.outcomes.names import is_one_of, name_words, words_at
from voicetel.outcomes.outcome import CallOutcome, Step, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from voicetel.outcomes.evidence import Evidence, PhraseHit
    from voicetel.outcomes.rules import Ending, PhraseGroup, Rules, Ruling, SipRule, WordRule

_NEGATION_REACH = 2
"""Words of a state's name that may stand before the word they turn round: not_yet_booked."""

_MOST_STATES = 10_000
_states_read: dict[tuple[str, str], Verdict | _Silent] = {}
"""What was made of a name of a final state, by rules and name: calls are many, such names are few."""


class _Silent(str):
    """Why a rule does not speak."""

    __slots__ = ()


def verdict(evidence: Evidence, rules: Rules | None = None) -> Verdict:
    """How the call ended, by the packaged rules unless others are given. Never raises for what stands in a log."""
    rules = rules or load_rules()
    return next(said for _, rule in _CHAIN if isinstance(said := rule(evidence, rules), Verdict))


def explain(evidence: Evidence, rules: Rules | None = None) -> tuple[Step, ...]:
    """The whole chain, rule by rule, also past the one that decides."""
    rules = rules or load_rules()
    steps: list[Step] = []
    for name, rule in _CHAIN:
        said = rule(evidence, rules)
        if isinstance(said, Verdict):
            decided = not any(step.decided for step in steps)
            steps.append(Step(name, said.reason, said, decided=decided))
        else:
            steps.append(Step(name, str(said), None, decided=False))
    return tuple(steps)


def is_answered(evidence: Evidence, judged: Verdict) -> bool:
    """Whether the call counts as answered: the denominator of the success rate.

    A success or a fail in which the caller spoke, or whose log says nothing else of the line; an unknown in which
    the caller spoke. Voicemail, no_answer and busy are not answered, and neither is a call that never connected.
    """
    if judged.outcome in (CallOutcome.VOICEMAIL, CallOutcome.NO_ANSWER, CallOutcome.BUSY):
        return False
    if judged.outcome is CallOutcome.SUCCESS or evidence.user_turns:
        return True
    return judged.outcome is CallOutcome.FAIL and judged.source not in ("sip_status", "end_reason", "marks", "phrases")


def _logged(evidence: Evidence, rules: Rules) -> Verdict | _Silent:
    if evidence.outcome is None:
        return _Silent("no outcome logged")
    try:
        outcome = CallOutcome(evidence.outcome.strip().lower())
    except ValueError:
        return _Silent(f"{evidence.outcome!r} is no outcome")
    if outcome is CallOutcome.UNKNOWN:
        return _Silent("logged as unknown")
    confidence = evidence.outcome_confidence
    if confidence is None or not 0 <= confidence <= 1:
        confidence = 1.0
    return Verdict(outcome, confidence, evidence.outcome_reason or "logged", "logged")


def _sip_status(evidence: Evidence, rules: Rules) -> Verdict | _Silent:
    status = evidence.sip_status
    if status is None:
        return _Silent("no SIP status")
    if evidence.user_turns:
        return _Silent(f"SIP {status}, but the caller spoke")
    rule = _sip_rule(status, evidence.direction, rules)
    if rule is None:
        return _Silent(f"SIP {status} says nothing of the outcome")
    return _ruled(rule.ruling, f"SIP {status}: {rule.name}", "sip_status")


def _sip_rule(status: int, direction: str | None, rules: Rules) -> SipRule | None:
    speaking = [rule for rule in rules.sip_status if rule.ruling.applies_to(direction)]
    listed = (rule for rule in speaking if status in rule.codes)
    floors = (rule for rule in speaking if rule.at_least is not None and status >= rule.at_least)
    return next(listed, None) or max(floors, key=lambda rule: rule.at_least or 0, default=None)


def _final_state(evidence: Evidence, rules: Rules) -> Verdict | _Silent:
    name = evidence.final_state
    if not name or not name.strip():
        return _Silent("no final state")
    key = (rules.fingerprint, name)
    if key not in _states_read:
        if len(_states_read) >= _MOST_STATES:
            _states_read.clear()
        _states_read[key] = _final_state_of(name, rules)
    return _states_read[key]


def _final_state_of(name: str, rules: Rules) -> Verdict | _Silent:
    states = rules.final_states
    exact = states.exact.get(name.strip())
    if exact is not None:
        if exact is CallOutcome.UNKNOWN:
            return _Silent(f"final state {name!r} is mapped to unknown")
        return Verdict(exact, states.exact_confidence, f"final state {name!r} is mapped to {exact}", "final_state")
    words = name_words(name)
    unfinished = any(words_at(word, words, i) for word in states.unfinished for i in range(len(words)))
    for rule, negated in _state_rules(words, rules):
        outcome = rule.ruling.outcome
        if negated and outcome is CallOutcome.SUCCESS:
            outcome = CallOutcome.FAIL
        elif negated or (unfinished and outcome is CallOutcome.SUCCESS):
            continue
        reason = f"final state {name!r}: {'not ' * negated}{rule.name}"
        return Verdict(outcome, rule.ruling.confidence, reason, "final_state")
    return _Silent(f"final state {name!r} has no word that tells")


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
    found.sort(key=lambda each: (each[1].ruling.outcome is CallOutcome.SUCCESS and not each[2], each[0]))
    return [(rule, negated) for _, rule, negated in found]


def _amd(evidence: Evidence, rules: Rules) -> Verdict | _Silent:
    if not evidence.amd:
        return _Silent("no answering-machine detection")
    name = name_words(evidence.amd)
    rule = next((rule for rule in rules.amd if is_one_of(rule.words, name)), None)
    if rule is None:
        return _Silent(f"{evidence.amd!r} says nothing of the outcome")
    if evidence.user_turns >= rules.settings.person_user_turns:
        return _Silent(f"{evidence.amd!r}, but the caller spoke in {evidence.user_turns} turns")
    return _ruled(rule.ruling, f"answering-machine detection: {evidence.amd}", "amd")


def _end_reason(evidence: Evidence, rules: Rules) -> Verdict | _Silent:
    return _ended(evidence, rules, after_phrases=False)


def _late_end_reason(evidence: Evidence, rules: Rules) -> Verdict | _Silent:
    return _ended(evidence, rules, after_phrases=True)


def _ended(evidence: Evidence, rules: Rules, *, after_phrases: bool) -> Verdict | _Silent:
    if not evidence.end_reason:
        return _Silent("no end reason")
    ending = rules.end_reason(evidence.end_reason)
    if ending is None:
        return _Silent(f"{evidence.end_reason!r} is no end reason that the rules know")
    ruling = _ending_ruling(ending, evidence)
    if ruling is None or ending.after_phrases != after_phrases:
        return _Silent(f"{evidence.end_reason!r} says nothing of the outcome here")
    source = "late_end_reason" if after_phrases else "end_reason"
    return _ruled(ruling, f"ended by {evidence.end_reason}", source)


def _marks(evidence: Evidence, rules: Rules) -> Verdict | _Silent:
    for ending in rules.marks:
        kind = next((kind for kind in evidence.marks if is_one_of(ending.words, name_words(kind))), None)
        ruling = _ending_ruling(ending, evidence)
        if kind is not None and ruling is not None:
            return _ruled(ruling, f"mark {kind}", "marks")
    return _Silent("no mark that tells")


def _ending_ruling(ending: Ending, evidence: Evidence) -> Ruling | None:
    ruling = ending.spoke if evidence.user_turns else ending.silent
    return ruling if ruling is not None and ruling.applies_to(evidence.direction) else None


def _phrases(evidence: Evidence, rules: Rules) -> Verdict | _Silent:
    heard = _heard(evidence, rules)
    if not heard:
        return _Silent("no phrase that tells")
    beaten = {outcome for group, (_, hit) in heard.items() if hit.late for outcome in group.beats}
    strengths = {
        outcome: 1 - math.prod(1 - weight for group, (weight, _) in heard.items() if group.ruling.outcome is outcome)
        for outcome in _PRECEDENCE
        if outcome not in beaten
    }
    best = max(_PRECEDENCE, key=lambda outcome: strengths.get(outcome, 0.0))
    rest = max((strength for outcome, strength in strengths.items() if outcome is not best), default=0.0)
    confidence = round(strengths.get(best, 0.0) * (1 - rules.settings.contest_weight * rest), 4)
    reason = "; ".join(
        f'{hit.who} said "{rules.phrases[hit.phrase].line}" ({group.name})'
        for group, (_, hit) in heard.items()
        if group.ruling.outcome is best
    )
    if confidence < rules.settings.least_confidence:
        return _Silent(f"{best} too weak ({confidence}): {reason}")
    return Verdict(best, confidence, reason, "phrases")


_PRECEDENCE = (
    CallOutcome.VOICEMAIL,
    CallOutcome.NO_ANSWER,
    CallOutcome.BUSY,
    CallOutcome.FAIL,
    CallOutcome.SUCCESS,
)
"""Of outcomes that are equally strong, the first wins."""


def _heard(evidence: Evidence, rules: Rules) -> dict[PhraseGroup, tuple[float, PhraseHit]]:
    """For each group that was heard, how much its strongest phrase weighs and which that was."""
    heard: dict[PhraseGroup, tuple[float, PhraseHit]] = {}
    machine = _is_machine_alone(evidence, rules)
    for hit in evidence.phrases:
        group = rules.phrases[hit.phrase].group
        if not _counts(group, hit, evidence) or (machine and hit.who == "agent"):
            continue
        full = hit.late or group.opening_only
        weight = group.ruling.confidence * (1.0 if full else rules.settings.early_weight)
        if group not in heard or weight > heard[group][0]:
            heard[group] = (weight, hit)
    return dict(sorted(heard.items(), key=lambda item: (-item[1][0], item[0].name)))


def _counts(group: PhraseGroup, hit: PhraseHit, evidence: Evidence) -> bool:
    """Whether a phrase of the group counts where it was said, by whom and in what kind of call."""
    if group.said_by not in (None, hit.who) or not group.ruling.applies_to(evidence.direction):
        return False
    if group.opening_only:
        return hit.opening and evidence.person_turns < group.person_turns
    return hit.late or not group.late_only


def _is_machine_alone(evidence: Evidence, rules: Rules) -> bool:
    """Whether all that the other side said was a machine's: what the agent then says, nobody agreed to."""
    if evidence.person_turns:
        return False
    groups = ((rules.phrases[hit.phrase].group, hit) for hit in evidence.phrases)
    return any(group.opening_only and _counts(group, hit, evidence) for group, hit in groups)


def _brief(evidence: Evidence, rules: Rules) -> Verdict | _Silent:
    ruling = rules.settings.brief
    if not evidence.ended:
        return _Silent("the call's end is not logged")
    if not evidence.brief or not ruling.applies_to(evidence.direction):
        return _Silent("no brief outbound call")
    settings = rules.settings
    return _ruled(ruling, f"outbound, under {settings.brief_turns} turns and {settings.brief_s:g} s", "brief")


def _nothing(evidence: Evidence, rules: Rules) -> Verdict:
    return Verdict(CallOutcome.UNKNOWN, 0.0, "no rule speaks", "none")


def _ruled(ruling: Ruling, reason: str, source: str) -> Verdict:
    return Verdict(ruling.outcome, ruling.confidence, reason, source)


_CHAIN: tuple[tuple[str, Callable[[Evidence, Rules], Verdict | _Silent]], ...] = (
    ("logged", _logged),
    ("sip_status", _sip_status),
    ("final_state", _final_state),
    ("amd", _amd),
    ("end_reason", _end_reason),
    ("marks", _marks),
    ("phrases", _phrases),
    ("late_end_reason", _late_end_reason),
    ("brief", _brief),
    ("none", _nothing),
)
