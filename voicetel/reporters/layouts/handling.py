"""How calls were handled, for people: one sentence per question, or a row per group."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from voicetel.reporters import formatting
from voicetel.reporters.document import Section
from voicetel.reporters.table import Column
from voicetel.results import CellFormat

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicetel.analyzers.handling.results import Handling, MarkedCalls
    from voicetel.results import Cell


def handling_sections(handling: Handling) -> Iterator[Section]:
    """A sentence for each question that these calls have an answer to."""
    sentences = {
        "Slow responses": _slow(handling),
        "First word": _first_word(handling),
        "Handled": _handled(handling),
        "Not heard": _not_heard(handling),
        "Transcription": _transcription(handling),
        "Endpointing": _endpointing(handling),
    }
    for title, text in sentences.items():
        if text:
            yield Section(title=title, text=text)


def handling_columns(total: Handling) -> list[Column]:
    """The columns of a group's row: the thresholds of slow turns, then waits, handle time and transfers."""
    slow = [
        Column(
            f"slow_turns_over_{threshold}_rate",
            f"over {_threshold(threshold)}",
            CellFormat.SHARE,
            drop_priority=3 if index else 0,
        )
        for index, threshold in enumerate(total.slow_turns.over)
    ]
    return [
        *slow,
        Column("first_word_ms_p50", "first word p50, ms", CellFormat.MS, drop_priority=4),
        Column("handle_time_s_avg", "handle time, s", CellFormat.SECONDS),
        Column("handle_time_s_p90", "p90, s", CellFormat.SECONDS, drop_priority=5),
        Column("transfers_handled", "handled", CellFormat.COUNT, drop_priority=1),
        Column("containment_rate", "contained", CellFormat.SHARE),
        Column("no_input_rate", "no input", CellFormat.SHARE, drop_priority=6),
        Column("timeouts_rate", "timeouts", CellFormat.SHARE, drop_priority=7),
    ]


def handling_cells(handling: Handling) -> list[Cell]:
    """The cells of a group's row."""
    return [
        *(each.rate for each in handling.slow_turns.over.values()),
        handling.first_word_ms.p50,
        handling.handle_time_s.avg,
        handling.handle_time_s.p90,
        handling.transfers.handled,
        handling.transfers.containment_rate,
        handling.no_input.rate,
        handling.timeouts.rate,
    ]


def _slow(handling: Handling) -> str:
    slow = handling.slow_turns
    if not slow.n:
        return ""
    shares = (f"over {_threshold(threshold)} {_share(each.rate)}" for threshold, each in slow.over.items())
    return f"{', '.join(shares)} of {formatting.plural(slow.n, 'turn')}"


def _first_word(handling: Handling) -> str:
    agent, caller = handling.first_word_ms, handling.caller_silence_ms
    parts = []
    if agent.n:
        parts.append(f"the agent's after {_ms(agent.p50)} (p95 {_ms(agent.p95)}, {formatting.plural(agent.n, 'call')})")
    if caller.n:
        silence = f"{_ms(caller.p50)} of silence (p95 {_ms(caller.p95)}, {formatting.plural(caller.n, 'call')})"
        parts.append(f"the caller's after {silence}")
    return "; ".join(parts)


def _handled(handling: Handling) -> str:
    time, transfers = handling.handle_time_s, handling.transfers
    parts = []
    if time.n:
        length = f"{_seconds(time.avg)} on average (p50 {_seconds(time.p50)}, p90 {_seconds(time.p90)})"
        parts.append(f"{formatting.plural(time.n, 'answered call')} of known length, {length}")
    if transfers.rate is not None:
        shares = f"contained {_share(transfers.containment_rate)}, transferred {_share(transfers.rate)}"
        parts.append(f"{shares} of {formatting.count(transfers.handled or 0)} that ended")
    return "; ".join(parts)


def _not_heard(handling: Handling) -> str:
    parts = []
    if handling.no_input.count:
        parts.append(f"no input {_marks(handling.no_input)}")
    if handling.unheard.count:
        parts.append(f"speech without a transcript {_marks(handling.unheard)}")
    if handling.timeouts.calls:
        ended = formatting.plural(handling.timeouts.ended or 0, "call")
        parts.append(f"{formatting.count(handling.timeouts.calls)} of {ended} timed out")
    return "; ".join(parts)


def _transcription(handling: Handling) -> str:
    confidence = handling.confidence
    if confidence.avg is None:
        return ""
    return (
        f"confidence {formatting.rounded(confidence.avg, 2)} on average, over {formatting.plural(confidence.n, 'turn')}"
    )


def _endpointing(handling: Handling) -> str:
    setting = handling.endpointing_setting
    if setting.avg_ms is None:
        return ""
    part = f"{_ms(setting.avg_ms)} ({_share(setting.share)}) of the wait for the end of a turn is a setting"
    return f"{part}, over {formatting.plural(setting.n, 'turn')}"


def _marks(marked: MarkedCalls) -> str:
    times, calls = formatting.plural(marked.count or 0, "time"), formatting.plural(marked.calls or 0, "call")
    return f"{times} in {calls} ({_share(marked.rate)})"


def _threshold(threshold: str) -> str:
    ms = Decimal(threshold)
    return f"{formatting.quantity(ms)} ms" if ms < 1000 else f"{formatting.quantity(ms / 1000)} s"


def _share(value: float | None) -> str:
    return formatting.NOT_AVAILABLE if value is None else formatting.percent(value)


def _ms(value: float | None) -> str:
    return formatting.NOT_AVAILABLE if value is None else f"{formatting.rounded(value, 0)} ms"


def _seconds(value: float | None) -> str:
    return formatting.NOT_AVAILABLE if value is None else f"{formatting.rounded(value, 1)} s"
