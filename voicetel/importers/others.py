"""Logs of other kinds: known by sight, so that people are told what they have, and not imported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_DEEPGRAM: Final = frozenset(
    {
        "LatencyReport",
        "ConversationText",
        "SettingsApplied",
        "AgentStartedSpeaking",
        "AgentAudioDone",
        "FunctionCallRequest",
    }
)
_REALTIME: Final = ("session.", "response.", "conversation.item.", "input_audio_buffer.", "rate_limits.")
_OBSERVATIONS: Final = frozenset({"GENERATION", "SPAN", "EVENT"})


def other_kind(document: object) -> str | None:
    """Whose log a document is that no importer reads; None where nobody knows."""
    if not isinstance(document, dict):
        return None
    kind = document.get("type")
    word = kind if isinstance(kind, str) else ""
    if word in _DEEPGRAM:
        return "Deepgram Voice Agent"
    if word.startswith(_REALTIME) and "event_id" in document:
        return "OpenAI Realtime"
    if word in _OBSERVATIONS and ("traceId" in document or "trace_id" in document):
        return "Langfuse"
    return next((name for name, members in _MEMBERS.items() if members <= document.keys()), None)


_MEMBERS: Final[Mapping[str, frozenset[str]]] = {
    "Ultravox": frozenset({"callId", "created", "endReason"}),
    "Bland": frozenset({"call_length", "transcripts", "c_id"}),
    "Synthflow": frozenset({"call_id", "model_id", "type_of_call"}),
    "OpenTelemetry metrics": frozenset({"resourceMetrics"}),
    "OpenTelemetry logs": frozenset({"resourceLogs"}),
}
"""Who → members that a document of theirs has."""
