"""What analyzers give back: frozen values that reporters and exporters turn into something to look at.

A value that is unknown is None, never 0. Money is an exact Decimal in the currency of the rate card; rounding is the
reader's business. Shares and rates go from 0 to 1.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from decimal import Decimal

COMPONENTS = ("stt", "llm", "tts", "realtime", "transport", "other")
"""The parts that a cost is shown in. Every stage without a part of its own is in ``other``; the parts add up to the total."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of ``n`` values, in their unit. Percentiles interpolate linearly. All None where ``n`` is 0."""

    n: int = 0
    avg: float | None = None
    min: float | None = None
    p50: float | None = None
    p90: float | None = None
    p95: float | None = None
    p99: float | None = None
    max: float | None = None


@dataclass(frozen=True, slots=True)
class LatencySummary:
    """One latency over all turns, in ms.

    ``impossible`` values were excluded. ``histogram`` counts the values in equal steps from ``min`` to ``p99``; the last
    step takes what is above too. Empty where there is nothing to show.
    """

    name: str
    statistics: Statistics
    impossible: int = 0
    histogram: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Unpriced:
    """Operations for which the card has no rate, with what they used (quantity name → amount)."""

    stage: str
    provider: str | None
    model: str | None
    operations: int
    quantities: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Cost:
    """What calls cost.

    ``components`` has every one of COMPONENTS and adds up to ``total``; one that was used and has no price at all is None,
    and so is ``total`` where nothing that was used has one. ``per_call_avg`` is per call that is counted,
    ``per_minute`` per minute of calls whose length is known. ``coverage`` is the share of billable operations that have a
    price, None where nothing is billable. ``billed_in_other_currencies`` is what providers charged in another currency
    than the card's: never converted, never added. ``unmetered_user_turns`` counts turns in which the caller spoke and no
    STT quantity was logged. ``notes`` are sentences for the foot of the table: rates far off their list price.
    """

    currency: str
    total: Decimal | None
    components: Mapping[str, Decimal | None]
    per_call_avg: Decimal | None
    per_minute: Decimal | None
    coverage: float | None
    unpriced: tuple[Unpriced, ...] = ()
    billed_in_other_currencies: Mapping[str, Decimal] = field(default_factory=dict)
    unmetered_user_turns: int = 0
    card: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CostLine:
    """One row of a bill: ``key`` has a value for each thing it is grouped by, None where the log does not say.

    ``amount`` is None where not one of the operations has a price. ``share`` is of the total.
    """

    key: tuple[str | None, ...]
    amount: Decimal | None
    share: float | None
    operations: int
    unpriced_operations: int
    quantities: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class CostTable:
    """A bill by component, provider, model, day, agent or several of them; the lines add up to ``cost.total``."""

    by: tuple[str, ...]
    lines: tuple[CostLine, ...]
    cost: Cost


@dataclass(frozen=True, slots=True)
class Interruptions:
    """Times the caller stopped the agent. ``rate`` is ``count`` ÷ ``agent_turns``, the turns in which the agent spoke."""

    count: int
    agent_turns: int
    rate: float | None


@dataclass(frozen=True, slots=True)
class OutcomeShare:
    """Calls that ended in one way. ``share`` is of all calls, ``confidence_avg`` the mean confidence of those verdicts."""

    outcome: str
    calls: int
    share: float | None
    confidence_avg: float | None


@dataclass(frozen=True, slots=True)
class Outcomes:
    """How calls ended: every outcome in the order success, fail, voicemail, no_answer, busy, unknown.

    ``success_rate`` is success ÷ ``answered`` calls.
    """

    shares: tuple[OutcomeShare, ...]
    answered: int
    success_rate: float | None


@dataclass(frozen=True, slots=True)
class TurnSentiment:
    """How callers felt turn by turn, by their words.

    ``turns`` are those in which the caller spoke, ``n`` those with a score: ``good``, ``neutral`` and ``bad`` ones.
    """

    turns: int
    n: int
    avg: float | None
    good: int
    neutral: int
    bad: int


@dataclass(frozen=True, slots=True)
class Sentiment:
    """How callers felt, −1 to 1, over the ``n`` calls for which it is known; ``turns`` where words were scored."""

    n: int
    avg: float | None
    turns: TurnSentiment | None = None


@dataclass(frozen=True, slots=True)
class SlowCall:
    """A call with a slow turn: the response latency of its slowest turn, and the stage that took most of it."""

    call_id: str
    eou_latency_ms: float
    turn: int | None
    stage: str | None
    stage_ms: float | None


@dataclass(frozen=True, slots=True)
class DearCall:
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
    dearest: tuple[DearCall, ...] = ()


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
