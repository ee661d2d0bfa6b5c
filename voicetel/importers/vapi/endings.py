"""Why a Vapi call ended: 604 words in vapi_server_sdk 3.0.0, nearly all of them errors."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from voicetel.importers.calls.endings import Ending, verdict

if TYPE_CHECKING:
    from voicetel.importers.calls.notes import Notes

_CALLER = Ending("caller_hangup")
_AGENT = Ending("agent_hangup")
_TRANSFER = Ending("transfer")
_TIMEOUT = Ending("timeout")
_ERROR = Ending("error")
_NOT_CONNECTED = Ending("not_connected")
_NO_ANSWER = Ending("not_connected", "no_answer", 0.95)
_BUSY = Ending("not_connected", "busy", 0.95)
_NO_SUCH_NUMBER = Ending("not_connected", "fail", 0.9)

_ENDINGS: Final = {
    "customer-ended-call": _CALLER,
    "customer-ended-call-before-warm-transfer": _CALLER,
    "customer-ended-call-during-transfer": _CALLER,
    "customer-ended-call-after-warm-transfer-attempt": _CALLER,
    "call.in-progress.twilio-completed-call": _CALLER,
    "call.in-progress.sip-completed-call": _CALLER,
    "vonage-completed": _CALLER,
    "vonage-disconnected": _CALLER,
    "assistant-forwarded-call": _TRANSFER,
    "call.ending.hook-executed-transfer": _TRANSFER,
    "call.ending.hook-executed-say": _AGENT,
    "silence-timed-out": _TIMEOUT,
    "exceeded-max-duration": _TIMEOUT,
    "voicemail": Ending("agent_hangup", "voicemail", 0.93, amd="machine-vm"),
    "customer-did-not-answer": _NO_ANSWER,
    "call.forwarding.no-answer": _NO_ANSWER,
    "customer-busy": _BUSY,
    "call.forwarding.operator-busy": _BUSY,
    "twilio-reported-customer-misdialed": _NO_SUCH_NUMBER,
    "sip-outbound-unallocated-number": _NO_SUCH_NUMBER,
    "manually-canceled": _NOT_CONNECTED,
    "call-deleted": _NOT_CONNECTED,
    "scheduled-call-deleted": _NOT_CONNECTED,
    "customer-did-not-give-microphone-permission": _NOT_CONNECTED,
    "assistant-join-timed-out": _NOT_CONNECTED,
    "vonage-rejected": _NOT_CONNECTED,
    "sip-outbound-carrier-released-call": _NOT_CONNECTED,
    "phone-call-provider-bypass-enabled-but-no-call-received": _NOT_CONNECTED,
    "phone-call-provider-closed-websocket": _ERROR,
    "worker-shutdown": _ERROR,
}
_PATTERNS: Final = (
    (re.compile(r"failed-to-connect(-call)?$"), _NOT_CONNECTED),
    (re.compile(r"^assistant-.*(ended-call|said-end-call)"), _AGENT),
    (re.compile(r"^(assistant-request|assistant-not|call-start-error|call\.start|call\.ringing)"), _NOT_CONNECTED),
    (re.compile(r"^(pipeline-|call\.|vapifault|providerfault|vapi-|unknown-error|database-error)"), _ERROR),
    (re.compile(r"(error|failed|fault|invalid|not-found|missing|exceeded|limit|blocked|denied)"), _ERROR),
)
_SIP: Final = re.compile(r"outbound-sip-(\d{3})-")
"""A status of the dialled party; Vapi files it under call.in-progress."""


def ending(reason: str | None, evaluation: str | None, notes: Notes) -> dict[str, object]:
    """The fields of call_ended that say how the call ended; ``evaluation`` counts where it is pass or fail."""
    fields = ending_of(reason).fields(f"Vapi: {reason}") if reason else {}
    if reason and not is_mapped(reason):
        notes.add("an end reason of Vapi that is not known was taken for an error")
    passed = {"true": True, "false": False}.get((evaluation or "").lower())
    if "outcome" in fields or passed is None:
        return fields
    return fields | verdict(passed, f"Vapi's successEvaluation says {str(passed).lower()}")


def ending_of(reason: str) -> Ending:
    """What one of Vapi's words means; a word that is not known is an error, as nearly all of them are."""
    if reason in _ENDINGS:
        return _ENDINGS[reason]
    if status := _SIP.search(reason):
        return Ending("not_connected", sip_status=int(status[1]))
    return next((end for pattern, end in _PATTERNS if pattern.search(reason)), _ERROR)


def is_mapped(reason: str) -> bool:
    """Whether the word is one that the tables above know."""
    if reason in _ENDINGS or _SIP.search(reason):
        return True
    return any(pattern.search(reason) for pattern, _ in _PATTERNS)
