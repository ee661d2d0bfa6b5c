"""OTLP as JSON → spans. Ids are hexadecimal, 64-bit numbers are strings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from voicetel.importers.calls.record import Record, as_number, clean, epoch_s
from voicetel.importers.otel.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from voicetel.importers.calls.notes import Notes

_ID: Final = re.compile(r"[0-9a-fA-F]{1,32}")
_ERROR_CODES: Final = (2, "STATUS_CODE_ERROR")
_READ_PREFIXES: Final = (
    "lk.",
    "gen_ai.",
    "turn.",
    "conversation.",
    "metrics.",
    "tts.",
    "room_id",
    "job_id",
    "agent.name",
)
_READ_NAMES: Final = ("transcript", "text", "output", "response.status")
_UNREAD_PREFIXES: Final = ("lk.pii.chat_ctx", "lk.pii.input_text", "lk.pii.instructions", "lk.pii.function_tool")
"""Attributes that importers read begin with the former or are called so; prompts and arguments of tools are passed over at once."""


def recognise(document: Mapping[str, object]) -> bool:
    """One export of a tracer."""
    return isinstance(document.get("resourceSpans"), list)


def read_spans(document: Mapping[str, object], notes: Notes) -> Iterator[Span]:
    """Each span of an export; those without an id or a time are passed over."""
    for resource_spans in Record(document, notes).records("resourceSpans"):
        resource = _attributes(resource_spans.record("resource").records("attributes"))
        service = resource.get("service.name")
        for scope_spans in resource_spans.records("scopeSpans"):
            scope = scope_spans.record("scope").text("name") or ""
            for record in scope_spans.records("spans"):
                if span := _span(record, scope, service if isinstance(service, str) else None):
                    yield span


def _span(record: Record, scope: str, service: str | None) -> Span | None:
    span_id, trace_id = record.text("spanId"), record.text("traceId")
    start_s = epoch_s(record.values.get("startTimeUnixNano"))
    if span_id is None or trace_id is None or not _ID.fullmatch(span_id) or start_s is None:
        record.passed_over("spanId" if start_s is not None else "startTimeUnixNano")
        return None
    end_s = epoch_s(record.values.get("endTimeUnixNano"))
    return Span(
        span_id,
        record.text("parentSpanId"),
        trace_id,
        record.text("name") or "",
        scope,
        start_s,
        start_s if end_s is None else end_s,
        {key: value for key, value in _attributes(record.records("attributes")).items() if _is_read(key)},
        service,
        record.record("status").values.get("code") in _ERROR_CODES,
    )


def _is_read(key: str) -> bool:
    return key in _READ_NAMES or (key.startswith(_READ_PREFIXES) and not key.startswith(_UNREAD_PREFIXES))


def _attributes(records: list[Record]) -> dict[str, object]:
    return {key: _value(record.record("value")) for record in records if (key := record.text("key"))}


def _value(record: Record) -> object:
    """An attribute's value; lists and objects inside it are not read by anybody."""
    for kind, value in record.values.items():
        if kind == "intValue":
            return _integer(value)
        if kind == "doubleValue":
            return as_number(value)
        if kind in ("stringValue", "boolValue"):
            return clean(value) if isinstance(value, str) else value if isinstance(value, bool) else None
    return None


def _integer(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and re.fullmatch(r"-?\d{1,19}", value) else None
