"""``voicetel call`` for people: the words, and under them who and what took how long, on one time axis per turn."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len

from voicetel.outcomes import in_plain_words
from voicetel.reporters import formatting
from voicetel.reporters.document import PLAIN_VIEW, Document, Section, View
from voicetel.reporters.layouts.analysis import COMPONENT_TITLES
from voicetel.reporters.layouts.call.excerpt import excerpt_sentences
from voicetel.reporters.layouts.call.timeline import Axis
from voicetel.reporters.layouts.notes import far_off_notes, quantity_phrases, rate_warnings
from voicetel.reporters.table import UNPRICED, Column, Table
from voicetel.results import CellFormat
from voicetel.text_safety import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import tzinfo
    from typing import Any

    from voicetel.analyzers.conversation.results import Conversation, Mark, Operation, Speech, Turn
    from voicetel.results import Cell

_PIPE_BAR = 48
_MIN_BAR = 16
_MAX_BAR = 72
_MIN_TEXT = 40
_MIN_MODEL = 12
_FIRST = 8
"""Cells of the first column, which says who: ``Turn 10``, ``realtime``."""

_COST = 8
_GAPS = 2 * 5

LEGEND = (
    "▒ the caller speaks, █ the agent speaks (✕: was interrupted), ─ a provider is waited for, ━ it answers, · gap: from the"
    " caller's last sound to the agent's first, time in which no operation ran. ms: to the first byte / to the end."
)


def conversation_document(talk: Conversation, view: View = PLAIN_VIEW) -> Document:
    """The call's figures, then turn by turn its words and its waterfall."""
    width = view.width
    text_width = None if width is None else max(_MIN_TEXT, width - _FIRST - 2)
    sizes = _Sizes.of(talk, width)
    sections = [Section(table=_figures(talk, text_width))]
    moments: list[tuple[float, list[Section]]] = [
        (turn.offset_s, list(_turn_sections(turn, text_width, sizes))) for turn in talk.turns
    ]
    moments += [(mark.offset_s, [_mark_section(mark)]) for mark in talk.marks]
    for _, found in sorted(moments, key=lambda item: item[0]):
        sections += found
    if talk.operations:
        sections.append(Section(table=_others(talk.operations)))
    notes = [LEGEND] if talk.turns else []
    excerpt = " ".join(excerpt_sentences(talk.excerpt, "--turns {turns}", str.format))
    warnings = (*([excerpt] if excerpt else ()), *rate_warnings(talk.rate_notes))
    return Document(_headline(talk, view.zone), tuple(sections), (*notes, *_notes(talk)), warnings)


@dataclass(frozen=True, slots=True)
class _Sizes:
    """Cells of the columns of every waterfall of a call, so that they stand one below the other."""

    what: int
    ms: int
    used: int
    bar: int

    @classmethod
    def of(cls, talk: Conversation, width: int | None) -> _Sizes:
        operations = [operation for turn in talk.turns for operation in turn.operations]
        what = max((cell_len(visible(_what(each))) for each in operations), default=0)
        ms = max((len(_times(each)) for each in operations), default=0)
        used = max((len(_used(each)) for each in operations), default=0)
        if width is None:
            return cls(what, ms, used, _PIPE_BAR)
        free = width - _FIRST - ms - used - _COST - _GAPS
        what = max(_MIN_MODEL, min(what, free - _MIN_BAR))
        return cls(what, ms, used, max(_MIN_BAR, min(_MAX_BAR, free - what)))


def _headline(talk: Conversation, zone: tzinfo) -> tuple[str, ...]:
    call = talk.call
    agent = " ".join(visible(call[name]) for name in ("agent_name", "agent_version") if call[name])
    parts = [visible(call["call_id"]), f"{formatting.moment(call['started_at'], zone)} {formatting.zone_name(zone)}"]
    if call["duration_s"] is not None:
        parts.append(formatting.length_of_time(call["duration_s"]))
    parts += [agent] if agent else []
    parts += [visible(call[name]) for name in ("campaign", "direction", "language") if call[name]]
    if call["state"] != "ended":
        parts.append(call["state"].replace("_", " "))
    return tuple(parts)


def _figures(talk: Conversation, width: int | None) -> Table:
    """The verdict as the title of a short list of figures."""
    call = talk.call
    outcome = f"{call['outcome']}, confidence {formatting.rounded(call['outcome_confidence'], 2)}"
    rows = [("Why", _why(call)), ("Turns", _turn_counts(talk))]
    if call["eou_latency_ms_n"]:
        known = ("p50", "p95", "max")
        ms = ", ".join(f"{name} {formatting.rounded(call[f'eou_latency_ms_{name}'], 0)}" for name in known)
        rows.append(("Response", f"{ms} ms"))
    rows.append(("Cost", _cost(talk)))
    if call["sentiment"] is not None:
        rows.append(("Sentiment", f"{formatting.rounded(call['sentiment'], 2)}, −1 to 1"))
    return _text_table("Outcome", outcome, rows, width)


def _why(call: Mapping[str, Any]) -> str:
    """The reason, and the rule that gave it."""
    rule = call["outcome_source"]
    return f"{in_plain_words(call['outcome_reason'], rule)} ({rule})"


def _turn_counts(talk: Conversation) -> str:
    call = talk.call
    count, rate = call["interruption_count"], call["interruption_rate"]
    known = formatting.NOT_AVAILABLE if count is None else formatting.count(count)
    interrupted = f"{known} of {formatting.plural(call['agent_turns'], 'agent turn')}"
    share = "" if rate is None else f" ({formatting.percent(rate)})"
    return f"{formatting.count(call['turns'])}; interrupted {interrupted}{share}"


def _cost(talk: Conversation) -> str:
    call = talk.call
    total = UNPRICED if call["cost_total"] is None else formatting.money(call["cost_total"])
    parts = [
        f"{title} {formatting.money(amount)}"
        for name, title in COMPONENT_TITLES.items()
        if (amount := call[f"cost_{name}"])
    ]
    return f"{visible(talk.currency)} {total}" + (f": {', '.join(parts)}" if parts else "")


def _turn_sections(turn: Turn, text_width: int | None, sizes: _Sizes) -> Iterator[Section]:
    """The words under a line that says where and when, then the waterfall."""
    title = [_offset(turn.offset_s)]
    title += [visible(turn.state_id)] if turn.state_id else []
    if (response := turn.latencies.get("eou_latency_ms")) is not None:
        title.append(f"response {formatting.rounded(response, 0)} ms")
    if turn.interrupted:
        title.append(f"interrupted by the {visible(turn.interrupted_by or 'caller')}")
    words = [(who, _text(speech)) for who, speech in (("caller", turn.user), ("agent", turn.agent)) if speech]
    number = "Turn" if turn.turn is None else f"Turn {turn.turn}"
    yield Section(table=_text_table(number, " · ".join(title), words, text_width))
    if turn.operations or any(speech and speech.spans for speech in (turn.user, turn.agent)):
        yield Section(table=_waterfall(turn, sizes))


def _text(speech: Speech) -> str:
    if speech.text is None:
        return "(transcript not logged)"
    return f"{speech.text} (not all of it is logged)" if speech.altered else speech.text


def _text_table(name: str, title: str, rows: Sequence[tuple[str, str]], width: int | None) -> Table:
    """Texts beside their names, broken between words so that nothing is cut. In a pipe each is one line."""
    columns = (Column("who", name.ljust(_FIRST)), Column("text", title))
    lines: list[Sequence[Cell]] = []
    for who, text in rows:
        safe = visible(text)
        pieces = textwrap.wrap(safe, width, drop_whitespace=True) if width else [safe]
        lines += [(who if index == 0 else "", piece) for index, piece in enumerate(pieces or [""])]
    return Table(columns, lines)


def _waterfall(turn: Turn, sizes: _Sizes) -> Table:
    """One row per speaker, operation and stretch that nobody accounts for, in the order they begin."""
    axis = Axis.over(turn, sizes.bar)
    rows: list[tuple[float, Sequence[Cell]]] = []
    if turn.user and turn.user.spans:
        rows.append(_row("caller", "", None, axis.speech(turn.user.spans, "▒"), begin=turn.user.spans[0][0]))
    for operation in turn.operations:
        begin = float("inf") if operation.start_ms is None else operation.start_ms
        rows.append((begin, _operation_row(operation, axis.operation(operation))))
    if turn.gaps:
        length_ms = sum(end - begin for begin, end in turn.gaps)
        rows.append(_row("gap", "", length_ms, axis.speech(turn.gaps, "·"), begin=turn.gaps[0][0]))
    if turn.agent and turn.agent.spans:
        bar = axis.speech(turn.agent.spans, "█")
        bar = f"{bar[:-1]}✕" if turn.interrupted else bar
        rows.append(_row("agent", "", None, bar, begin=turn.agent.spans[0][0]))
    scale = f"0 to {formatting.rounded(axis.end_ms / 1000, 1)} s"
    columns = (
        Column("who", " " * _FIRST),
        Column("what", "model".ljust(sizes.what)),
        Column("ms", "ms".rjust(sizes.ms), CellFormat.COUNT),
        Column("bar", scale.ljust(sizes.bar), CellFormat.WHOLE),
        Column("used", "used".rjust(sizes.used), CellFormat.COUNT),
        Column("cost", "cost".rjust(_COST), CellFormat.MONEY),
    )
    return Table(columns, [row for _, row in sorted(rows, key=lambda item: item[0])])


def _row(who: str, what: str, ms: float | None, bar: str, *, begin: float) -> tuple[float, Sequence[Cell]]:
    return begin, (who, what, "" if ms is None else formatting.rounded(ms, 0), bar, "", "")


def _operation_row(operation: Operation, bar: str) -> Sequence[Cell]:
    return operation.stage, _what(operation), _times(operation), bar, _used(operation), _operation_cost(operation)


def _what(operation: Operation) -> str:
    """The model, a tool's name, else the provider; and how it went, unless it went well."""
    status = f"{operation.status}: " if operation.status not in {None, "ok"} else ""
    return status + (operation.model or operation.name or operation.provider or "")


def _times(operation: Operation) -> str:
    known = [operation.ttfb_ms, operation.duration_ms]
    return "/".join(formatting.rounded(each, 0) for each in known if each is not None)


_SHORT_UNITS = {"characters": "chars", "audio_s": "s", "session_s": "s"}


def _used(operation: Operation) -> str:
    """The quantities that tell most, short: 812→24 tok."""
    amounts = operation.quantities
    if "input_tokens" in amounts or "output_tokens" in amounts:
        tokens = (amounts.get(name) for name in ("input_tokens", "output_tokens"))
        return "→".join("?" if each is None else formatting.quantity(each) for each in tokens) + " tok"
    name = next((name for name in _SHORT_UNITS if name in amounts), None)
    return "" if name is None else f"{formatting.quantity(amounts[name])} {_SHORT_UNITS[name]}"


def _operation_cost(operation: Operation) -> Cell:
    if operation.cost is None:
        return UNPRICED if operation.unpriced else ""
    return operation.cost


def _mark_section(mark: Mark) -> Section:
    value = f" {visible(mark.value)}" if mark.value else ""
    return Section(title=_offset(mark.offset_s), text=f"{visible(mark.kind)}{value}")


def _others(operations: Sequence[Operation]) -> Table:
    """Operations that belong to no turn: the session of the transport, summaries, what was billed at the end."""
    columns = (
        Column("stage", "Beside the turns"),
        Column("provider", "provider"),
        Column("model", "model"),
        Column("used", "used"),
        Column("cost", "cost", CellFormat.MONEY),
    )
    return Table(columns, [_other_row(each) for each in operations])


def _other_row(operation: Operation) -> Sequence[Cell]:
    model = _what(operation) if operation.model or operation.name else ""
    used = ", ".join(quantity_phrases(operation.quantities))
    return operation.stage, operation.provider, model, used, _operation_cost(operation)


def _notes(talk: Conversation) -> Iterator[str]:
    operations = [operation for turn in talk.turns for operation in turn.operations] + list(talk.operations)
    foreign = {each.currency for each in operations if each.currency is not None} - {talk.currency}
    if foreign:
        yield f"Billed in {', '.join(sorted(map(visible, foreign)))}, and not in the total, are some operations."
    if any(each.unpriced for each in operations):
        yield "Some of what was used has no price: `voicetel pricing suggest` writes the missing stanzas."
    yield from far_off_notes(talk.rate_notes)


def _offset(seconds: float) -> str:
    """How far into the call: +1:02.5."""
    minutes, rest = divmod(round(seconds * 10), 600)
    return f"+{minutes}:{rest // 10:02d}.{rest % 10}"
