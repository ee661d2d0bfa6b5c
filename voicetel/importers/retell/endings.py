"""Why a Retell call ended: the 39 words of retell-sdk 6.2.13."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicetel.importers.calls.endings import Ending

if TYPE_CHECKING:
    from voicetel.importers.calls.notes import Notes

_ERROR = Ending("error")
_NOT_CONNECTED = Ending("not_connected", "fail", 0.8)
_REFUSED = Ending("not_connected", "fail", 0.9)
_NO_ACCOUNT = Ending("not_connected", "fail", 0.9)

_ENDINGS: Final = {
    "user_hangup": Ending("caller_hangup"),
    "user_requested_dnc": Ending("agent_hangup", "fail", 0.9),
    "user_requested_callback": Ending("agent_hangup", "fail", 0.7),
    "agent_hangup": Ending("agent_hangup"),
    "manual_stopped": Ending("agent_hangup"),
    "transfer_cancelled": Ending("agent_hangup"),
    "call_transfer": Ending("transfer"),
    "transfer_bridged": Ending("transfer"),
    "call_take_over": Ending("transfer"),
    "voicemail_reached": Ending("agent_hangup", "voicemail", 0.93, amd="machine-vm"),
    "ivr_reached": Ending("agent_hangup", amd="machine-ivr"),
    "inactivity": Ending("timeout"),
    "max_duration_reached": Ending("timeout"),
    "registered_call_timeout": Ending("not_connected", "no_answer", 0.7),
    "error_user_not_joined": Ending("not_connected", "no_answer", 0.7),
    "dial_busy": Ending("not_connected", "busy", 0.95),
    "user_declined": Ending("not_connected", "busy", 0.9),
    "dial_no_answer": Ending("not_connected", "no_answer", 0.95),
    "dial_failed": _NOT_CONNECTED,
    "invalid_destination": Ending("not_connected", "fail", 0.95),
    "sip_routing_error": _REFUSED,
    "telephony_provider_permission_denied": _REFUSED,
    "telephony_provider_unavailable": _REFUSED,
    "marked_as_spam": _NOT_CONNECTED,
    "network_blocked": _NOT_CONNECTED,
    "scam_detected": _NOT_CONNECTED,
    "concurrency_limit_reached": _NOT_CONNECTED,
    "no_concurrency_fallback": _NOT_CONNECTED,
    "no_valid_payment": _NO_ACCOUNT,
    "credit_exhausted": _NO_ACCOUNT,
    "budget_reached": _NO_ACCOUNT,
}


def ending(reason: str | None, notes: Notes) -> dict[str, object]:
    """The fields of call_ended that a disconnection reason says."""
    if reason is None:
        return {}
    if not is_mapped(reason):
        notes.add("a disconnection reason of Retell that is not known was taken for an error")
    return _ENDINGS.get(reason, _ERROR).fields(f"Retell: {reason}")


def is_mapped(reason: str) -> bool:
    """Whether the word is one that is known; every ``error_…`` is."""
    return reason in _ENDINGS or reason.startswith("error_")
