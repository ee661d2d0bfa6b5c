"""The columns of the files of a segment."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from voicetel.events.fields import QUANTITIES
from voicetel.events.metrics import TURN_LATENCY_NAMES
from voicetel.store.column_types import operation_fields, stored_usage_columns

CALL_STARTED_COLUMNS = ("agent_name", "agent_version", "campaign", "direction", "language")
"""What call_started says of a call."""

MS_TYPE = pa.decimal64(12, 3)
LATENCY_MS_TYPE = pa.decimal32(9, 3)
OPERATION_MS_TYPE = pa.decimal64(16, 3)
QUANTITY_TYPE = pa.decimal64(15, 6)
USAGE_SUM_TYPE = pa.decimal64(18, 6)
SHARE_TYPE = pa.decimal32(9, 6)


def _operation_type(name: str) -> Any:
    if name in {field.name for field in QUANTITIES}:
        return QUANTITY_TYPE
    return OPERATION_MS_TYPE if name.endswith("_ms") else pa.string()


EVENTS = pa.schema(
    [
        ("segment", pa.int32()),
        ("stream_id", pa.int32()),
        ("byte_offset", pa.int64()),
        ("bytes", pa.int32()),
        ("line_key", pa.uint64()),
        ("line_hash", pa.uint64()),
        ("event", pa.string()),
        ("ts", pa.timestamp("us")),
        ("call_id", pa.string()),
        *((name, pa.string()) for name in CALL_STARTED_COLUMNS),
        ("duration_s", MS_TYPE),
        ("final_state", pa.string()),
        ("end_reason", pa.string()),
        ("sip_status", pa.int16()),
        ("amd", pa.string()),
        ("outcome", pa.string()),
        ("outcome_confidence", SHARE_TYPE),
        ("outcome_reason", pa.string()),
        ("sentiment", SHARE_TYPE),
        ("interruption_count", pa.int32()),
        ("turn", pa.int64()),
        ("state_id", pa.string()),
        ("user_spoke", pa.bool_()),
        ("user_start_ms", MS_TYPE),
        ("user_end_ms", MS_TYPE),
        ("user_confidence", SHARE_TYPE),
        ("agent_spoke", pa.bool_()),
        ("agent_start_ms", MS_TYPE),
        ("agent_end_ms", MS_TYPE),
        ("agent_spans", pa.list_(pa.list_(MS_TYPE))),
        ("interrupted", pa.bool_()),
        ("interrupted_by", pa.string()),
        ("eou_from", pa.string()),
        *((name, LATENCY_MS_TYPE) for name in TURN_LATENCY_NAMES),
        ("endpointing_setting_ms", LATENCY_MS_TYPE),
        ("speech_characters", QUANTITY_TYPE),
        ("speech_audio_s", QUANTITY_TYPE),
        ("impossible_bits", pa.uint8()),
        ("kind", pa.string()),
        ("value", pa.string()),
        ("count", pa.int64()),
        ("operation_count", pa.int32()),
        ("unknown_values_line", pa.int64()),
    ]
)
"""One row per event that was read. ``segment``: the number of its segment, the same in all rows of a file; ``impossible_bits``: bit n is set
where the n-th of TURN_LATENCY_NAMES was impossible, and so excluded."""

OPERATIONS = pa.schema(
    [
        ("segment", pa.int32()),
        ("event_row", pa.int32()),
        ("operation", pa.int32()),
        *((field.name, _operation_type(field.name)) for field in operation_fields()),
        ("unreadable", pa.bool_()),
    ]
)
"""One row per operation of the events of the same segment: ``event_row`` is the row of its event in their file, ``operation`` its
place in the event, from 1. ``unreadable``: it says a quantity or a cost that cannot be read; NULL: it does not. Flat: lists of structures take three times as long to write."""

USAGE = pa.schema(
    [
        ("segment", pa.int32()),
        ("stream_id", pa.int32()),
        ("call_id", pa.string()),
        ("day", pa.date32()),
        ("stage", pa.string()),
        ("provider", pa.string()),
        ("model", pa.string()),
        ("currency", pa.string()),
        ("quantity_bits", pa.int32()),
        ("operations", pa.int64()),
        ("charged", pa.decimal128(38, 18)),
        *((name, USAGE_SUM_TYPE) for name in stored_usage_columns()),
    ]
)

QUARANTINE = pa.schema(
    [
        ("segment", pa.int32()),
        ("stream_id", pa.int32()),
        ("line", pa.int64()),
        ("byte_offset", pa.int64()),
        ("bytes", pa.int64()),
        ("unsupported", pa.bool_()),
        ("reason", pa.string()),
    ]
)

CALLS = pa.schema(
    [
        ("segment", pa.int32()),
        ("call_id", pa.string()),
        ("started_at", pa.timestamp("us")),
        ("last_event_at", pa.timestamp("us")),
        ("ended", pa.bool_()),
        ("duration_s", MS_TYPE),
        *((name, pa.string()) for name in CALL_STARTED_COLUMNS),
        ("final_state", pa.string()),
        ("end_reason", pa.string()),
        ("sip_status", pa.int16()),
        ("amd", pa.string()),
        ("logged_outcome", pa.string()),
        ("logged_confidence", SHARE_TYPE),
        ("logged_reason", pa.string()),
        ("sentiment", SHARE_TYPE),
        ("interruption_count", pa.int32()),
        ("marks", pa.list_(pa.string())),
        ("turns", pa.int64()),
        ("user_turns", pa.int64()),
        ("agent_turns", pa.int64()),
        ("numbered", pa.bool_()),
        ("consecutive", pa.bool_()),
        ("has_interruption_flags", pa.bool_()),
        ("flagged_interruptions", pa.int64()),
        ("first_word_ms", MS_TYPE),
        ("caller_silence_ms", MS_TYPE),
        ("no_inputs", pa.int64()),
        ("unheard", pa.int64()),
        ("outcome", pa.string()),
        ("outcome_confidence", SHARE_TYPE),
        ("outcome_reason", pa.string()),
        ("outcome_source", pa.string()),
        ("answered", pa.bool_()),
    ]
)

SCHEMAS = {"events": EVENTS, "operations": OPERATIONS, "usage": USAGE, "quarantine": QUARANTINE, "calls": CALLS}
"""What a segment can have a file of, and that file's columns."""
