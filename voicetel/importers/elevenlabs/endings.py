"""How an ElevenLabs conversation ended: the carrier's result, the analysis, and free text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from voicetel.importers.calls.endings import Ending, verdict

if TYPE_CHECKING:
    from voicetel.importers.calls.record import Record

_RESULTS: Final = {
    "answered": Ending(amd="human"),
    "voicemail": Ending(None, "voicemail", 0.95, amd="machine-vm"),
    "busy": Ending("not_connected", "busy", 0.95),
    "no_answer": Ending("not_connected", "no_answer", 0.95),
    "failed": Ending("not_connected", "fail", 0.85),
}
RESULT_WORDS: Final = frozenset(_RESULTS)
"""The words of ``phone_call.call_result`` that are known."""

_REASONS: Final = (
    (re.compile(r"voicemail", re.IGNORECASE), "agent_hangup"),
    (re.compile(r"transfer", re.IGNORECASE), "transfer"),
    (re.compile(r"end_call|agent ended|ended by agent|\btool\b", re.IGNORECASE), "agent_hangup"),
    (re.compile(r"duration|timeout|timed out|silence|inactiv", re.IGNORECASE), "timeout"),
    (re.compile(r"remote party|client|user|caller|hung up|disconnect", re.IGNORECASE), "caller_hangup"),
    (re.compile(r"error|fail|quota|exceed|guardrail", re.IGNORECASE), "error"),
)
_FAILURES: Final = {"busy": ("busy", 0.95), "no-answer": ("no_answer", 0.95), "no_answer": ("no_answer", 0.95)}
FAILURE_WORDS: Final = frozenset({"busy", "no-answer", "unknown"})
"""The words of ``failure_reason`` that are known."""

VERDICTS: Final = {"success": True, "failure": False}


def ending(metadata: Record, analysis: Record, *, has_failed: bool) -> dict[str, object]:
    """The fields of call_ended, from the surest evidence to the least sure."""
    reason = metadata.text("termination_reason")
    fields: dict[str, object] = {} if reason is None else {"end_reason": end_reason(reason)}
    if has_failed and fields.get("end_reason") != "timeout":
        fields["end_reason"] = "error"
    result = metadata.record("phone_call").text("call_result") or ""
    fields |= _RESULTS.get(result, Ending()).fields(f"ElevenLabs: call_result is {result}")
    if "outcome" not in fields and reason is not None and "voicemail" in reason.lower():
        fields |= Ending(None, "voicemail", 0.9, amd="machine-vm").fields(f"ElevenLabs: {reason}")
    word = analysis.text("call_successful") or ""
    if "outcome" not in fields and word in VERDICTS:
        fields |= verdict(VERDICTS[word], f"ElevenLabs' analysis: {word}")
    return fields


def end_reason(reason: str) -> str | None:
    """Why a call ended, out of free text; None where its words say nothing."""
    return next((end for pattern, end in _REASONS if pattern.search(reason)), None)


def failure(reason: str, sip_status: str | None) -> dict[str, object]:
    """The fields of call_ended for a call that never began."""
    outcome, confidence = _FAILURES.get(reason, ("fail", 0.8))
    status = int(sip_status) if sip_status and re.fullmatch(r"[1-6]\d\d", sip_status) else None
    return Ending("not_connected", outcome, confidence, sip_status=status).fields(f"ElevenLabs: {reason}")
