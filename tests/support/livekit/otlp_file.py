"""Spans into a file of OTLP JSON lines, as a collector's file exporter writes them."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from google.protobuf.json_format import MessageToDict
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from opentelemetry.sdk.trace import ReadableSpan

_IDS = {"traceId", "spanId", "parentSpanId"}


class OtlpFileExporter(SpanExporter):
    """One line for each batch. OTLP writes ids as hexadecimal digits, where JSON of Protocol Buffers has base64."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        line = json.dumps(_with_ids(MessageToDict(encode_spans(spans))))
        with self._path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
        return SpanExportResult.SUCCESS


def _with_ids(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_ids(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: base64.b64decode(item).hex() if name in _IDS else _with_ids(item) for name, item in value.items()}
