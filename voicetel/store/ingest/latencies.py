"""Turn latencies, worked out from operations for many turns at once, in whole µs. voicetel/events/metrics.py says what each is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from voicetel.events.metrics import TURN_LATENCIES
from voicetel.store.ingest.operations import CANCELLED, OK, STAGES
from voicetel.store.segments.arrays import MISSING

if TYPE_CHECKING:
    from voicetel.store.ingest.operations import OperationColumns
    from voicetel.store.segments.arrays import Flags, Integers

MAX_LATENCY_US = {latency.name: latency.limit_ms * 1000 for latency in TURN_LATENCIES}
"""What is above, or below zero, is impossible."""
SPEECH_COLUMNS = ("speech_characters", "speech_audio_s")
_MAX_US = 10**12
_FAR_US = 10**9
"""A gap between the two speakers that is longer is looked at by itself, so that 64 bits hold all others together."""


def latencies(
    ops: OperationColumns, row_count: int, logged_eou: Integers, user_end: Integers, agent_start: Integers
) -> dict[str, Integers]:
    """Every latency of each row, MISSING where unknown; what is impossible is still among them."""
    is_stage = {name: ops.stage == number for name, number in STAGES.items()}
    succeeded = ops.status == OK
    by_duration = _of_first(ops, row_count, is_stage["eot"], ops.duration)
    derived = np.where((agent_start != MISSING) & (user_end != MISSING), agent_start - user_end, MISSING)
    return {
        "eou_latency_ms": np.where(logged_eou != MISSING, logged_eou, derived),
        "endpointing_ms": np.where(
            by_duration != MISSING, by_duration, _of_first(ops, row_count, is_stage["eot"], ops.ttfb)
        ),
        "stt_ttfb_ms": _of_first(ops, row_count, is_stage["stt"], ops.ttfb),
        "llm_ttft_ms": _of_first(ops, row_count, is_stage["llm"] & succeeded, ops.ttfb),
        "llm_latency_ms": _llm_latency(ops, row_count, is_stage["llm"]),
        "tts_ttfb_ms": _of_first(ops, row_count, is_stage["tts"] & succeeded, ops.ttfb),
        "realtime_ttfb_ms": _of_first(ops, row_count, is_stage["realtime"] & succeeded, ops.ttfb),
        "unattributed_ms": unattributed_us(ops, row_count, user_end, agent_start),
    }


def endpointing_settings(ops: OperationColumns, row_count: int) -> Integers:
    """What of each row's ``endpointing_ms`` is a setting: ``setting_ms`` of the same operation, MISSING where unknown."""
    return _of_first(ops, row_count, ops.stage == STAGES["eot"], ops.times["setting_ms"])


def synthesized_speech(ops: OperationColumns, row_count: int) -> dict[str, Integers]:
    """What the TTS operations of each row that went well made, where they say both: characters and seconds, in millionths."""
    characters, audio = (ops.quantities.get(name) for name in ("characters", "audio_s"))
    if characters is None or audio is None:
        return dict.fromkeys(SPEECH_COLUMNS, np.full(row_count, MISSING, np.int64))
    at = np.flatnonzero((ops.stage == STAGES["tts"]) & (ops.status == OK) & (characters > 0) & (audio > 0))
    found = {}
    for name, values in zip(SPEECH_COLUMNS, (characters, audio), strict=True):
        total = np.bincount(ops.row[at], values[at], row_count).astype(np.int64)
        found[name] = np.where(total > 0, total, MISSING)
    return found


def _of_first(ops: OperationColumns, row_count: int, selected: Flags, values: Integers) -> Integers:
    """What the first of some operations says, by row."""
    found = np.full(row_count, MISSING, np.int64)
    at = np.flatnonzero(selected)[::-1]
    found[ops.row[at]] = values[at]  # of several for one row the one written last stays: the first
    return found


def _llm_latency(ops: OperationColumns, row_count: int, llm: Flags) -> Integers:
    """The whole time of LLM operations that were not cancelled. One below zero makes the sum impossible, not smaller."""
    at = np.flatnonzero(llm & (ops.status != CANCELLED) & (ops.duration != MISSING))
    row, spent = ops.row[at], np.minimum(ops.duration[at], _MAX_US)
    total = np.full(row_count, MISSING, np.int64)
    total[row] = np.bincount(row, spent, row_count)[row].astype(np.int64)
    total[row[spent < 0]] = -1
    return total


def unattributed_us(ops: OperationColumns, row_count: int, begin: Integers, end: Integers) -> Integers:
    """``unattributed_ms`` of each row, in µs: how much of [begin, end] none of its operations covers.

    MISSING where no operation has a place, and where one has a length and no start: it may cover anything.
    """
    found = np.full(row_count, MISSING, np.int64)
    length = np.where(ops.duration != MISSING, ops.duration, ops.ttfb)
    gap = np.where((begin != MISSING) & (end != MISSING) & (end >= begin), end - begin, -1)
    gap[ops.row[(ops.start == MISSING) & (length != MISSING) & (length >= 0)]] = -1
    placed = np.flatnonzero((ops.start != MISSING) & (length >= 0) & (gap[ops.row] >= 0))
    if not len(placed):
        return found
    row = ops.row[placed]
    starts = np.clip(ops.start[placed], begin[row], end[row]) - begin[row]
    ends = np.clip(ops.start[placed] + length[placed], begin[row], end[row]) - begin[row]
    far = gap[row] > _FAR_US
    for each in np.unique(row[far]).tolist():
        at = row == each
        found[each] = _uncovered(starts[at], ends[at], int(gap[each]))
    return _uncovered_by_row(found, row[~far], starts[~far], ends[~far], gap)


def _uncovered(starts: Integers, ends: Integers, gap: int) -> int:
    covered = np.maximum.accumulate(np.concatenate([[0], ends]))
    return int(np.maximum(0, starts - covered[:-1]).sum() + gap - covered[-1])


def _uncovered_by_row(found: Integers, row: Integers, starts: Integers, ends: Integers, gap: Integers) -> Integers:
    if not len(row):
        return found
    row_offset = row * (_FAR_US + 1)  # rows lie above each other, so that one running maximum serves all
    latest = np.maximum.accumulate(ends + row_offset)
    is_first = np.concatenate([[True], row[1:] != row[:-1]])
    before = np.where(is_first, row_offset, np.concatenate([[0], latest[:-1]]))
    first = np.flatnonzero(is_first)
    last = np.append(first[1:], len(row)) - 1
    uncovered = np.add.reduceat(np.maximum(0, starts + row_offset - before), first)
    found[row[first]] = uncovered + gap[row[first]] - (latest[last] - row_offset[last])
    return found
