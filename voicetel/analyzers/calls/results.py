"""One row of ``voicetel calls``: every figure of a call. The rows themselves are an Arrow table with these columns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from voicetel.analyzers.overview.results import USAGE_KEYS
from voicetel.events.metrics import TURN_LATENCIES
from voicetel.outcomes import CallOutcome
from voicetel.pricing.units import COMPONENTS
from voicetel.results import CellFormat, figure, result


@result
class CallLatency:
    """Statistics of one latency over the turns of a call."""

    n: int = figure("How many values count.")
    avg: float | None = figure("Their mean.", unit="ms")
    min: float | None = figure("The lowest.", unit="ms")
    p50: float | None = figure("The median.", unit="ms")
    p95: float | None = figure("The 95th percentile.", unit="ms")
    max: float | None = figure("The highest.", unit="ms")


@result
class CallRow:
    """The figures of one call."""

    day: date = figure("With --by day: that of the call's start, in the zone of --tz.", omit_if_empty=True)
    call_id: str = figure("The call.")
    started_at: datetime = figure("The call's first event. RFC 3339, UTC.")
    duration_s: Decimal | None = figure("Length of the call; null while it is not known.", unit="s")
    state: str | None = figure("ended, in_progress or incomplete.")
    agent_name: str | None = figure("As logged.")
    agent_version: str | None = figure("As logged.")
    campaign: str | None = figure("As logged.")
    direction: str | None = figure("inbound, outbound or web.")
    language: str | None = figure("As logged.")
    end_reason: str | None = figure("Who or what ended the call.")
    turns: int = figure("Turns.")
    user_turns: int = figure("Turns in which the caller spoke.")
    agent_turns: int = figure("Turns in which the agent spoke.")
    latency: Mapping[str, CallLatency] = figure(keys={each.name: each.doc for each in TURN_LATENCIES}, prefix="")
    usage: Mapping[str, Decimal | None] = figure("What the call used.", keys=USAGE_KEYS, minimum=0, prefix="")
    cost: Mapping[str, Decimal | None] = figure(
        "Null: nothing of it has a price.", unit="money", keys=(*COMPONENTS, "total")
    )
    unpriced_operations: int = figure("Operations that a card could price and this one does not, wholly or in part.")
    interruption_count: int | None = figure(
        "Times the caller stopped the agent. Null: nothing of the call says whether it was."
    )
    interruption_rate: float | None = figure("interruption_count ÷ agent_turns.", unit="share")
    outcome: CallOutcome = figure("How the call ended.", format=CellFormat.TEXT)
    outcome_confidence: float | None = figure("How sure that is.", unit="share", format=CellFormat.SCORE)
    outcome_reason: str | None = figure("Why, in words.")
    outcome_source: str | None = figure("The rule that decided.")
    sentiment: float | None = figure("How the caller felt, −1 to 1.", minimum=-1, maximum=1, format=CellFormat.SCORE)
    answered: bool = figure("Whether it counts as answered.", format=CellFormat.TEXT)
    transferred: bool | None = figure(
        "Whether it was passed on: a mark `transfer`, or the end_reason `transfer`. Null: it does not say.",
        format=CellFormat.TEXT,
    )
    first_word_ms: float | None = figure(
        "The mark `answered`, else the call's first event → the agent's first audio.", unit="ms"
    )
    caller_silence_ms: float | None = figure(
        "Silence before the caller's first sound, from the end of the agent's audio.", unit="ms"
    )
    no_input_count: int = figure("Marks `no_input`: the caller said nothing when asked.")
    unheard_count: int = figure("Marks `unheard`: speech without a transcript.")
    confidence_avg: float | None = figure(
        "How sure the transcriber was, the mean over turns that say so.", unit="share", format=CellFormat.SCORE
    )
