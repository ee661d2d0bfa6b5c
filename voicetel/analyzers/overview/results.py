"""What ``voicetel analyze`` answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from voicetel.analyzers.cost.results import Cost, ExpensiveCall
from voicetel.analyzers.handling.results import Handling
from voicetel.analyzers.interruptions.results import Interruptions
from voicetel.analyzers.latency.results import LatencySummary, SlowCall
from voicetel.analyzers.outcomes.results import Outcomes
from voicetel.analyzers.sentiment.results import Sentiment
from voicetel.events.metrics import ALL_LATENCIES
from voicetel.results import Group, figure, result

USAGE_KEYS = {
    "stt_s": "Null: never logged.",
    "llm_input_tokens": "Null: never logged.",
    "llm_output_tokens": "Null: never logged.",
    "tts_characters": "Null: never logged.",
    "transport_s": "Null: never logged.",
}
"""What calls used, summed up."""


@result
class Overview:
    """All of ``voicetel analyze`` over one set of calls, or of turns or operations; what is not of these is None."""

    calls: int = figure(
        "Calls, incomplete ones and those in progress included; of a group of turns or operations, those that have one in it."
    )
    turns: int | None = figure("Turns of all calls.")
    incomplete_calls: int | None = figure("No call_ended, and quiet for more than an hour.")
    in_progress_calls: int | None = figure("No call_ended yet.")
    duration_s: Decimal | None = figure("Sum over the calls whose length is known.", unit="s")
    first_ts: datetime | None = figure("The earliest event. RFC 3339, UTC.")
    last_ts: datetime | None = figure("The latest event. RFC 3339, UTC.")
    latency: Mapping[str, LatencySummary] = figure(
        "Latencies over turns, and over calls of tools.",
        keys={each.name: each.doc for each in ALL_LATENCIES},
        prefix="",
    )
    usage: Mapping[str, Decimal | None] = figure("What calls used.", keys=USAGE_KEYS, minimum=0, prefix="")
    cost: Cost = figure("What calls cost, and what of it is not known.")
    interruptions: Interruptions = figure("How often callers stopped the agent.", prefix="interruption_")
    outcomes: Outcomes = figure("How calls ended.", prefix="outcome_")
    sentiment: Sentiment = figure("How callers felt.")
    slowest: tuple[SlowCall, ...] = figure("The calls with the slowest turns.", default=())
    dearest: tuple[ExpensiveCall, ...] = figure("The most expensive calls.", default=())
    handling: Handling = figure(inline=True, default=Handling())


@result
class InputCounts:
    """The files that a result was read from, and how much of them does not count."""

    paths: tuple[str, ...] = figure("What was read.")
    refused_lines: int = figure("Lines that could not be read.")
    unsupported_lines: int = figure("Lines of an unknown event or a newer version.")
    pending_bytes: int = figure("Bytes of last lines that have no line end yet.")


@result
class AnalysisInput(InputCounts):
    """The same for ``analyze``, with what was passed over while reading."""

    warnings: tuple[str, ...] = figure("What was passed over while reading.", default=())


@result
class Analysis:
    """The whole answer: the input, the figures over all calls, and those of each group where groups were asked for."""

    input: AnalysisInput = figure(inline=True)
    total: Overview = figure(inline=True)
    groups: tuple[Group[Overview], ...] = figure("With --by: one per group.", default=(), omit_if_empty=True)
    notes: tuple[str, ...] = figure(
        "What cannot be grouped so, and what the logs say that cannot all be so.", default=(), omit_if_empty=True
    )

    @property
    def rate_notes(self) -> tuple[str, ...]:
        """Rates far off their list price."""
        return self.total.cost.notes
