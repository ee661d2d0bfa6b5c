"""One call of Vapi: a webhook's report or a call object, which have the same facts in other places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicetel.importers.calls.imported_call import ImportedCall
from voicetel.importers.calls.record import Record
from voicetel.importers.vapi.costs import Components, billed
from voicetel.importers.vapi.endings import ending
from voicetel.importers.vapi.turns import add_latencies, mark_interruptions, read_turns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicetel.importers.calls.notes import Notes

DIRECTIONS: Final = {
    "inboundPhoneCall": "inbound",
    "outboundPhoneCall": "outbound",
    "webCall": "web",
    "vapi.websocketCall": "web",
}
REPORT: Final = "end-of-call-report"


def recognise(document: Mapping[str, object]) -> bool:
    """A server message, or a call object."""
    message = document.get("message")
    if isinstance(message, dict):
        return isinstance(message.get("type"), str) and isinstance(message.get("call"), dict)
    if document.get("type") == REPORT:
        return True
    kind = document.get("type")
    return "orgId" in document and "createdAt" in document and isinstance(kind, str) and kind in DIRECTIONS


def read_call(document: Record, notes: Notes) -> ImportedCall | None:
    """Read the call; None where the document holds none, or one that cannot be placed in time."""
    message = document.record("message") if document.has("message") else document
    if document.has("message") and message.text("type") != REPORT:
        notes.add("webhooks of other kinds than end-of-call-report hold no call")
        return None
    inner = message.record("call") if message.has("call") else message
    call_id = inner.text("id")
    if call_id is None:
        notes.add("a call without an id cannot be told from others")
        return None
    return _Delivery(message, inner, notes).call(call_id)


class _Delivery:
    """One delivery: the money and the end stand in the message, who called in the call inside it."""

    def __init__(self, message: Record, inner: Record, notes: Notes) -> None:
        self._message, self._inner, self._notes = message, inner, notes
        self._artifact = self._either("artifact").record("artifact")
        self._is_report = message.text("type") == REPORT
        assistants = (inner.record("assistant"), message.record("assistant"), inner.record("assistantOverrides"))
        merged = {name: value for each in assistants for name, value in each.values.items() if value is not None}
        self._assistant = Record(merged, notes, "assistant.")

    def _either(self, name: str) -> Record:
        """Whichever of the two has it, the message first."""
        return self._message if self._message.values.get(name) not in (None, "") else self._inner

    def call(self, call_id: str) -> ImportedCall | None:
        started_s = self._either("startedAt").time("startedAt") or self._inner.time("createdAt")
        started_s = started_s or self._message.time("timestamp")
        if started_s is None:
            self._notes.add("a call without any timestamp cannot be placed in time")
            return None
        reason = self._either("endedReason").text("endedReason")
        is_over = self._is_report or reason is not None or self._inner.text("status") in (None, "ended")
        analysis = self._either("analysis").record("analysis")
        call = ImportedCall(
            "vapi",
            call_id,
            started_s,
            self._notes,
            is_complete=is_over,
            is_analysed=analysis.has("successEvaluation") or analysis.has("summary"),
            delivered_s=self._message.time("timestamp") or self._inner.time("updatedAt"),
            carrier_call_id=self._inner.text("phoneCallProviderId"),
        )
        self._add_started(call)
        interruptions, last_s = self._add_turns(call)
        ended_s = self._either("endedAt").time("endedAt")
        self._add_costs(call, ended_s or last_s or started_s)
        if is_over:
            self._add_ended(call, ended_s, ended_s or last_s or started_s, interruptions)
        return call

    def _add_started(self, call: ImportedCall) -> None:
        inner = self._inner
        language = self._assistant.record("transcriber").text("language")
        fields: dict[str, object] = {
            "agent_name": self._assistant.text("name"),
            "agent_version": self._either("assistantVersion").word("assistantVersion"),
            "campaign": inner.text("campaignId"),
            "direction": DIRECTIONS.get(inner.text("type") or ""),
            "language": None if language == "multi" else language,
            "source": "vapi",
        }
        tags = {
            "assistant_id": inner.text("assistantId"),
            "squad_id": inner.text("squadId"),
            "phone_number_id": inner.text("phoneNumberId"),
            "carrier": inner.text("phoneCallProvider"),
            "carrier_call_id": inner.text("phoneCallProviderId"),
        }
        call.add_started(fields, tags)

    def _add_turns(self, call: ImportedCall) -> tuple[int | None, float | None]:
        """Add turns and marks; give Vapi's count of interruptions and the last moment anybody spoke."""
        rows = self._artifact.records("messages") or self._either("messages").records("messages")
        turns, transfers_s, last_s = read_turns(rows, call.started_s, self._notes)
        performance = self._artifact.record("performanceMetrics")
        count = performance.number("numAssistantInterrupted")
        interruptions = int(count) if count is not None and count >= 0 and count.is_integer() else None
        add_latencies(performance.records("turnLatencies"), turns, self._components(), self._notes)
        mark_interruptions(turns, interruptions, self._notes)
        call.add_turns(turns)
        for index, at_s in transfers_s:
            call.add_mark(at_s, "transfer", index)
        return interruptions, last_s

    def _components(self) -> Components:
        return Components.of(self._either("costs").records("costs"), self._assistant)

    def _add_costs(self, call: ImportedCall, at_s: float) -> None:
        operations = billed(
            self._either("costs").records("costs"),
            self._either("costBreakdown").record("costBreakdown"),
            self._either("cost").amount("cost"),
            self._components(),
            self._notes,
        )
        call.add_usage(at_s, operations)

    def _add_ended(self, call: ImportedCall, ended_s: float | None, at_s: float, interruptions: int | None) -> None:
        duration_s = self._message.positive("durationSeconds")
        has_started = self._either("startedAt").time("startedAt") is not None
        if duration_s is None and ended_s is not None and has_started:
            duration_s = call.lasted_s(ended_s)
        reason = self._either("endedReason").text("endedReason")
        evaluation = self._either("analysis").record("analysis").word("successEvaluation")
        fields: dict[str, object] = {
            "duration_s": duration_s,
            "interruption_count": interruptions,
            **ending(reason, evaluation, self._notes),
        }
        call.add_ended(at_s, fields, {"vapi.endedReason": reason, "vapi.successEvaluation": evaluation})
