"""What ``voicetel analyze`` answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from decimal import Decimal

    from voicetel.analyzers.cost.results import Cost
    from voicetel.analyzers.interruptions.results import Interruptions
    from voicetel.analyzers.latency.results import LatencySummary
    from voicetel.analyzers.outcomes.results import Outcomes
    from voicetel.analyzers.sentiment.results import Sentiment


@dataclass(frozen=True, slots=True)
class SlowCall:
    """A call with a slow turn: the response latency of its slowest turn, and the stage that took most of it."""

    call_id: str
    eou_latency_ms: float
    turn: int | None
    stage: str | None
    stage_ms: float | None


@dataclass(frozen=True, slots=True)
class ExpensiveCall:
    """A call that cost much, and the component that cost most of it."""

    call_id: str
    cost: Decimal
    component: str
    component_cost: Decimal


@dataclass(frozen=True, slots=True)
class Report:
    """All of ``voicetel analyze`` over one set of calls.

    ``group`` says which: (dimension, value) pairs, empty for all calls. ``duration_s`` sums the calls whose length is
    known. ``usage`` has stt_s, llm_input_tokens, llm_output_tokens, tts_characters, transport_s, None where never logged.
    """

    group: tuple[tuple[str, str | None], ...]
    calls: int
    turns: int
    incomplete_calls: int
    in_progress_calls: int
    duration_s: Decimal | None
    first_ts: datetime | None
    last_ts: datetime | None
    latency: tuple[LatencySummary, ...]
    usage: Mapping[str, Decimal | None]
    cost: Cost
    interruptions: Interruptions
    outcomes: Outcomes
    sentiment: Sentiment
    slowest: tuple[SlowCall, ...] = ()
    dearest: tuple[ExpensiveCall, ...] = ()


@dataclass(frozen=True, slots=True)
class Input:
    """What the figures were read from, and what of it does not count."""

    paths: tuple[str, ...]
    refused_lines: int
    unsupported_lines: int
    pending_bytes: int
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Analysis:
    """The whole answer: the input, the report over all calls, and one per group where groups were asked for."""

    input: Input
    total: Report
    groups: tuple[Report, ...] = ()
