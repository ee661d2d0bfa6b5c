"""The chain of outcome rules that decides how a call ended. The first that does not stay silent wins.

``classify`` depends on the evidence alone: the recorder and the analyzers get the same outcome, and calls with the same
evidence need to be classified only once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.outcomes import signals
from voicetel.outcomes.final_state import final_state
from voicetel.outcomes.loading import load_rules
from voicetel.outcomes.outcome import CallOutcome, Classification, Silent, Step
from voicetel.outcomes.phrases.transcript_phrases import phrases

if TYPE_CHECKING:
    from collections.abc import Callable

    from voicetel.outcomes.evidence import Evidence
    from voicetel.outcomes.rules import Rules


_FIRST_SIP_ERROR = 400

_CHAIN: tuple[tuple[str, Callable[[Evidence, Rules], Classification | Silent]], ...] = (
    ("logged", signals.logged),
    ("sip_status", signals.sip_status),
    ("final_state", final_state),
    ("amd", signals.amd),
    ("end_reason", signals.end_reason),
    ("marks", signals.marks),
    ("phrases", phrases),
    ("late_end_reason", signals.late_end_reason),
    ("brief", signals.brief),
    ("none", signals.nothing),
)


def classify(evidence: Evidence, rules: Rules | None = None) -> Classification:
    """How the call ended, by the packaged rules unless others are given. Never raises for what stands in a log."""
    rules = rules or load_rules()
    return next(found for _, rule in _CHAIN if isinstance(found := rule(evidence, rules), Classification))


def explain(evidence: Evidence, rules: Rules | None = None) -> tuple[Step, ...]:
    """The whole chain, rule by rule, also past the one that decides."""
    rules = rules or load_rules()
    steps: list[Step] = []
    for name, rule in _CHAIN:
        found = rule(evidence, rules)
        if isinstance(found, Classification):
            decided = not any(step.decided for step in steps)
            steps.append(Step(name, found.reason, found, decided=decided))
        else:
            steps.append(Step(name, str(found), None, decided=False))
    return tuple(steps)


def is_answered(evidence: Evidence, classified: Classification) -> bool:
    """Whether the call counts as answered: the denominator of the success rate.

    A success or a fail in which the caller spoke, or whose log says nothing else of the line; an unknown in which
    the caller spoke. Voicemail, no_answer and busy are not answered, and neither is a call that never connected.
    """
    if classified.outcome in (CallOutcome.VOICEMAIL, CallOutcome.NO_ANSWER, CallOutcome.BUSY):
        return False
    if classified.outcome is CallOutcome.SUCCESS or evidence.user_turns:
        return True
    if evidence.end_reason == "not_connected" or (evidence.sip_status or 0) >= _FIRST_SIP_ERROR:
        return False
    return classified.outcome is CallOutcome.FAIL and classified.source not in (
        "sip_status",
        "end_reason",
        "marks",
        "phrases",
    )
