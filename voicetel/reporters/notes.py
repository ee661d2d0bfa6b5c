"""What stands at the foot of a report: what does not count, what has no price, and what looks wrong."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from voicetel.reporters import figures
from voicetel.reporters.text_safety import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from decimal import Decimal

    from voicetel.analyzers.results import Cost, Input, LatencySummary, Unpriced

_SHOWN_UNPRICED = 5

_QUANTITY_WORDS = {"audio_s": "s of audio", "session_s": "s connected"}


def latency_notes(latency: tuple[LatencySummary, ...]) -> Iterator[str]:
    """What was excluded."""
    impossible = [f"{figures.count(each.impossible)} {each.name}" for each in latency if each.impossible]
    if impossible:
        yield f"Excluded as impossible: {', '.join(impossible)}."


def cost_notes(cost: Cost) -> Iterator[str]:
    """Which rates, how much of the use they cover, and what they leave out."""
    card = f"Rates: {visible(cost.card)}." if cost.card else ""
    if cost.coverage is None:
        yield f"{card} Nothing billable was logged.".strip()
    else:
        yield f"{card} They price {_covered(cost.coverage)} of the billable operations.".strip()
    yield from (f"Unpriced: {unpriced_line(each)}." for each in cost.unpriced[:_SHOWN_UNPRICED])
    if len(cost.unpriced) > _SHOWN_UNPRICED:
        more = figures.count(len(cost.unpriced) - _SHOWN_UNPRICED)
        yield f"Unpriced: {more} models more; `voicetel cost` lists them all."
    if cost.unmetered_user_turns:
        turns = figures.plural(cost.unmetered_user_turns, "turn")
        yield f"The caller spoke in {turns} for which no STT quantity was logged: what that cost is not known."
    for currency, amount in cost.billed_in_other_currencies.items():
        yield f"Billed in {visible(currency)}, not in the total: {figures.money(amount)}."
    yield from (visible(note) for note in cost.notes)


def _covered(coverage: float) -> str:
    """A share that says 100 % of nothing less than all."""
    text = figures.percent(coverage)
    return "all" if coverage == 1 else f"under {text}" if text == "100.0 %" else text


def unpriced_line(unpriced: Unpriced) -> str:
    """One kind of operation without a rate: llm acme/new-model, 31 operations, 12,345 input tokens."""
    name = "/".join(visible(part) for part in (unpriced.provider, unpriced.model) if part is not None)
    parts = [f"{visible(unpriced.stage)} {name}".strip(), figures.plural(unpriced.operations, "operation")]
    return ", ".join([*parts, *quantity_phrases(unpriced.quantities)])


def quantity_phrases(quantities: Mapping[str, Decimal]) -> Iterator[str]:
    """Quantities in words: 12,345 input tokens, 31.5 s of audio."""
    for name, amount in quantities.items():
        yield f"{figures.quantity(amount)} {_QUANTITY_WORDS.get(name) or name.replace('_', ' ')}"


def input_notes(source: Input) -> Iterator[str]:
    """What of the logs was not counted, and how to see it."""
    if source.refused_lines:
        paths = " ".join(shlex.quote(path) for path in source.paths)
        lines = figures.plural(source.refused_lines, "line was", "lines were")
        yield f"{lines} refused: `voicetel validate {visible(paths)}` says which and why."
    if source.unsupported_lines:
        lines = figures.plural(source.unsupported_lines, "line")
        yield f"{lines} of an unknown event or a newer version passed over."
    if source.pending_bytes:
        yield f"{figures.size(source.pending_bytes)} at the end of a file wait for their line end."
