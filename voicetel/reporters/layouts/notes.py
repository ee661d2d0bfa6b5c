"""What stands at the foot of a report: what does not count, what has no price, and what looks wrong."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from voicetel.pricing.load import LIST_PRICES
from voicetel.pricing.price_lists.catalog import has_catalog
from voicetel.reporters import formatting
from voicetel.reporters.table import NO_USAGE, UNPRICED
from voicetel.text_safety import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from decimal import Decimal

    from voicetel.analyzers.cost.results import Cost, Unpriced
    from voicetel.analyzers.latency.results import LatencySummary
    from voicetel.analyzers.overview.results import AnalysisInput
    from voicetel.results import Cell

SHOWN_UNPRICED = 3

_QUANTITY_WORDS = {"audio_s": "s of audio", "session_s": "s connected"}


def latency_notes(latency: Iterable[LatencySummary]) -> Iterator[str]:
    """What was excluded."""
    impossible = [f"{formatting.count(each.impossible)} {each.name}" for each in latency if each.impossible]
    if impossible:
        yield f"Excluded as impossible: {', '.join(impossible)}."


def cost_notes(cost: Cost, at_most: int | None = SHOWN_UNPRICED) -> Iterator[str]:
    """Which rates, how much of the use they cover, and what they leave out: all of it, or ``at_most`` so many kinds."""
    yield f"{coverage_sentence(cost)}; rates: {visible(cost.card)}." if cost.card else f"{coverage_sentence(cost)}."
    if cost.card.startswith(LIST_PRICES):
        yield "List prices are of a day and from a page: `voicetel pricing show LOGS --pricing list` shows both."
    yield from (f"Unpriced: {unpriced_line(each)}." for each in cost.unpriced[:at_most])
    if at_most is not None and len(cost.unpriced) > at_most:
        yield f"Unpriced: {formatting.count(len(cost.unpriced) - at_most)} models more; `voicetel cost` lists them all."
    if cost.unpriced and cost.card.startswith(LIST_PRICES) and not has_catalog():
        yield "More list prices: pip install 'voicetel[prices]'."
    if cost.unmetered_user_turns:
        turns = formatting.plural(cost.unmetered_user_turns, "turn")
        yield f"The caller spoke in {turns} for which no STT quantity was logged: what that cost is not known."
    for currency, amount in cost.billed_in_other_currencies.items():
        yield f"Billed in {visible(currency)}, not in the total: {formatting.money(amount)}."
    yield from far_off_notes(cost.notes)


_FAR_OFF = (
    "Rates far off the list price: `--pricing list` uses list prices, `voicetel pricing check` says more, and"
    " `list_check = false` in your own card keeps a rate as it is."
)


def cost_warnings(cost: Cost) -> Iterator[str]:
    """What makes amounts doubtful: rates that are far off the list price."""
    return rate_warnings(cost.notes)


def rate_warnings(notes: Iterable[str]) -> Iterator[str]:
    """The same of sentences on rates; ``far_off_notes`` says at the foot what mends that."""
    return map(visible, notes)


def far_off_notes(notes: Iterable[str]) -> Iterator[str]:
    """What to do about rates that are far off the list price, where there are any."""
    if any(True for _ in notes):
        yield _FAR_OFF


def per_call_sentence(cost: Cost) -> str:
    """What a call costs, one that somebody answered, one that succeeded, and a minute; empty where nothing has a price."""
    figures = (
        (cost.per_call_avg, "per call"),
        (cost.per_answered, "per answered call"),
        (cost.per_success, "per successful call"),
        (cost.per_minute, "per minute talked"),
    )
    return ", ".join(f"{formatting.money(amount)} {what}" for amount, what in figures if amount is not None)


def total_cell(cost: Cost) -> Cell:
    """The total, or the words for why it is not known."""
    if cost.total is None:
        return NO_USAGE if cost.coverage is None else UNPRICED
    return cost.total


def coverage_sentence(cost: Cost) -> str:
    """How much of what is billed has a price. 100 % is never said of less than all."""
    if cost.coverage is None:
        return "Nothing billable was logged"
    if cost.coverage == 1:
        return "All billable operations have a price"
    share = formatting.percent(cost.coverage)
    share = "Nearly 100 %" if share == "100.0 %" else share
    return f"{share} of the billable operations have a price"


def unpriced_line(unpriced: Unpriced) -> str:
    """One kind of operation without a rate: llm acme/new-model, 31 operations, 12,345 input tokens."""
    name = "/".join(visible(part) for part in (unpriced.provider, unpriced.model) if part is not None)
    parts = [f"{visible(unpriced.stage)} {name}".strip(), formatting.plural(unpriced.operations, "operation")]
    if unpriced.unreadable_operations:
        parts.append(f"{formatting.count(unpriced.unreadable_operations)} with an amount that cannot be read")
    return ", ".join([*parts, *quantity_phrases(unpriced.quantities)])


def quantity_phrases(quantities: Mapping[str, Decimal]) -> Iterator[str]:
    """Quantities in words: 12,345 input tokens, 31.5 s of audio."""
    for name, amount in quantities.items():
        words = _QUANTITY_WORDS.get(name) or name.replace("_", " ")
        yield f"{formatting.quantity(amount)} {words.removesuffix('s') if amount == 1 else words}"


def input_notes(inputs: AnalysisInput) -> Iterator[str]:
    """What of the logs was not counted, and how to see it."""
    if inputs.refused_lines:
        paths = " ".join(shlex.quote(path) for path in inputs.paths)
        lines = formatting.plural(inputs.refused_lines, "line was", "lines were")
        yield f"{lines} refused: `voicetel validate {visible(paths)}` says which and why."
    if inputs.unsupported_lines:
        lines = formatting.plural(inputs.unsupported_lines, "line")
        yield f"{lines} of an unknown event or a newer version passed over."
    if inputs.pending_bytes:
        yield f"{formatting.size(inputs.pending_bytes)} at the end of a file wait for their line end."
