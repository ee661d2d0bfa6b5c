"""What ``voicetel call`` answers: one conversation, turn by turn."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from voicetel.analyzers.calls.results import CallRow
from voicetel.analyzers.cost.results import QUANTITY_KEYS
from voicetel.events.metrics import TURN_LATENCIES
from voicetel.results import figure, result

Span = tuple[float, float]
"""From and to, in ms after the turn's ts."""

_SPAN = "[from, to], ms after the turn's ts."


@result
class Operation:
    """One call to a provider. Times in ms, ``start_ms`` after its event's ts; ``quantities`` are those that were logged."""

    stage: str = figure("What it was for: stt, llm, tts, realtime, eot, tool, transport, platform or another.")
    provider: str | None = figure("Who sends the bill.")
    model: str | None = figure("As logged.")
    name: str | None = figure("Of a tool.")
    start_ms: float | None = figure("After its event's ts.", unit="ms", signed=True)
    ttfb_ms: float | None = figure("To the first byte.", unit="ms", signed=True)
    duration_ms: float | None = figure("To the end.", unit="ms", signed=True)
    status: str | None = figure("ok, error or cancelled; null: not logged.")
    quantities: Mapping[str, Decimal] = figure(
        "What it used.", keys=QUANTITY_KEYS, keys_optional=True, minimum=0, inline=True
    )
    cost: Decimal | None = figure("Null: it has no price.", unit="money")
    currency: str | None = figure("Of cost.")
    cost_source: str | None = figure("billed by the provider, or by the rate card.", choices=("billed", "card", None))
    unpriced: tuple[str, ...] = figure("Quantities that no rate covers.")

    @property
    def span(self) -> Span | None:
        """From its start to its end, or to its first byte where no end is known; None where it has no place."""
        length = self.ttfb_ms if self.duration_ms is None else self.duration_ms
        if self.start_ms is None or length is None or length < 0:
            return None
        return self.start_ms, self.start_ms + length


@result
class Speech:
    """What one side said in a turn, and when it was played or voiced."""

    text: str | None = figure("Null: the transcript was not logged.")
    altered: bool = figure("The text was shortened or redacted.")
    spans: tuple[Span, ...] = figure(f"When it was audible. {_SPAN}")


@result
class Turn:
    """One turn. ``offset_s`` counts from the start of the call; ``gaps`` are what ``unattributed_ms`` adds up."""

    turn: int | None = figure("Number of the turn.")
    ts: datetime = figure("Its earliest time. RFC 3339, UTC.")
    offset_s: float = figure("From the start of the call to ts.", unit="s", signed=True)
    state_id: str | None = figure("As logged.")
    user: Speech | None = figure("What the caller said; null: nothing.")
    agent: Speech | None = figure("What the agent said; null: nothing.")
    interrupted: bool = figure("Playback stopped for good before its end.")
    interrupted_by: str | None = figure("caller, hangup, agent or error.")
    latencies: Mapping[str, float] = figure(
        unit="ms", keys={each.name: each.doc for each in TURN_LATENCIES}, keys_optional=True, inline=True
    )
    operations: tuple[Operation, ...] = figure("Calls to providers, by their start.")
    gaps: tuple[Span, ...] = figure(
        f"From the caller's last word to the agent's first: what no operation covers. {_SPAN}"
    )


@result
class Mark:
    """Anything else that happened."""

    ts: datetime = figure("When. RFC 3339, UTC.")
    offset_s: float = figure("From the start of the call.", unit="s", signed=True)
    kind: str = figure("What.")
    value: str | None = figure("As logged.")


@result
class Excerpt:
    """Which part of a call is there. Turns are counted from 1, whatever their own numbers are."""

    first_turn: int = figure("The first of the turns that are there.")
    last_turn: int = figure("The last of them.")
    turns: int = figure("How many turns the call has.")
    slowest_turn: int | None = figure("The one of all turns with the slowest response; null: of none it is known.")
    marks_left_out: int = figure("What else happened, and is not there.")
    operations_left_out: int = figure("Operations that belong to no turn, and are not there.")


@result
class Conversation:
    """One call. ``call`` is its row of ``voicetel calls``; ``operations`` are those that belong to no turn."""

    currency: str = figure("Of every amount that does not name its own.")
    call: Mapping[str, Any] = figure("The call's figures, as `voicetel calls` gives them.", row_of=CallRow)
    turns: tuple[Turn, ...] = figure("In order.")
    marks: tuple[Mark, ...] = figure("What else happened, in order.")
    operations: tuple[Operation, ...] = figure("Those that belong to no turn.")
    excerpt: Excerpt | None = figure(
        "Where the call is not there as a whole: which part of it is.", default=None, omit_if_empty=True
    )
    rate_notes: tuple[str, ...] = figure("Rates far off their list price.", default=(), omit_if_empty=True)
