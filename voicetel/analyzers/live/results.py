"""What ``voicetel watch`` shows: the figures of the last minutes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from voicetel.results import figure, result

_RESPONSE = "The caller stops → the agent's audio starts"


@result
class LiveMinute:
    """The turns of one minute."""

    minutes_ago: int = figure("Whole minutes from the turns to the end of the period.")
    n: int = figure("Turns whose response is known.")
    p50: float = figure("The median response.", unit="ms")
    p95: float = figure("The 95th percentile.", unit="ms")


@result
class SlowTurn:
    """A turn whose response took long, and its stages."""

    ts: datetime = figure("When it began. RFC 3339, UTC.")
    call_id: str = figure("The call.")
    turn: int | None = figure("Number of the turn.")
    eou_latency_ms: float = figure(f"{_RESPONSE}.", unit="ms")
    endpointing_ms: float | None = figure("To the decision that the caller is done.", unit="ms")
    stt_ttfb_ms: float | None = figure("To the transcript.", unit="ms")
    llm_ttft_ms: float | None = figure("To the first token.", unit="ms")
    tts_ttfb_ms: float | None = figure("To the first audio.", unit="ms")
    realtime_ttfb_ms: float | None = figure("To the first audio of a speech-to-speech model.", unit="ms")
    unattributed_ms: float | None = figure("What no operation covers.", unit="ms")


@result
class LimitBroken:
    """A limit of slo.toml that the figures of the period break."""

    name: str | None = figure("As it is called in the file.")
    metric: str = figure("The figure that is limited.")
    statistic: str = figure("Which statistic of it.")
    operator: str = figure("How the figure must lie to the bound.", choices=("<", "<=", ">", ">="))
    bound: Any = figure("Money is a string of digits.", schema={"type": ["number", "string"]})
    value: Any = figure("What it is. Money is a string of digits.", schema={"type": ["number", "string"]})
    level: str = figure("fail or warn.", choices=("fail", "warn"))


@result
class LiveFigures:
    """The figures of the minutes before ``at``: turns that began in them, calls that ended in them, calls that go on."""

    at: datetime = figure("End of the period. RFC 3339, UTC.")
    minutes: int = figure("Its length.", minimum=1)
    calls: int = figure("Calls that a turn of it is of.")
    turns: int = figure("Turns that began in it.")
    eou_latency_ms_n: int = figure("Turns whose response is known.")
    eou_latency_ms_p50: float | None = figure(f"{_RESPONSE}: the median.", unit="ms")
    eou_latency_ms_p95: float | None = figure("The 95th percentile.", unit="ms")
    eou_latency_ms_max: float | None = figure("The slowest.", unit="ms")
    slow_ms: float = figure("What is slow: the bound of p95 in slo.toml, else 1500.", unit="ms")
    slow_turns: int = figure("Turns whose response took longer than that.")
    endpointing_ms_n: int = figure("Turns of which the end of turn is known.")
    endpointing_ms_p95: float | None = figure("The 95th percentile.", unit="ms")
    stt_ttfb_ms_n: int = figure("Turns of which the transcript's time is known.")
    stt_ttfb_ms_p95: float | None = figure("The 95th percentile.", unit="ms")
    llm_ttft_ms_n: int = figure("Turns of which the first token's time is known.")
    llm_ttft_ms_p95: float | None = figure("The 95th percentile.", unit="ms")
    tts_ttfb_ms_n: int = figure("Turns of which the first audio's time is known.")
    tts_ttfb_ms_p95: float | None = figure("The 95th percentile.", unit="ms")
    realtime_ttfb_ms_n: int = figure("Turns of which a speech-to-speech model's first audio is known.")
    realtime_ttfb_ms_p95: float | None = figure("The 95th percentile.", unit="ms")
    agent_turns: int = figure("Turns in which the agent spoke.")
    interruptions: int | None = figure(
        "Those in which the caller stopped it. Null where nothing says of any of them whether it was stopped."
    )
    interruption_rate: float | None = figure("interruptions ÷ agent_turns.", unit="share")
    active_calls: int = figure("Calls that have not ended and had an event in the last 2 minutes.")
    ended_calls: int = figure("Calls that ended in the period.")
    outcomes: Mapping[str, int] = figure("How they ended: outcome → calls.")
    currency: str = figure("Of every amount.")
    cost_total: Decimal | None = figure(
        "What they cost, exact. Null: nothing has a price, or none ended.", unit="money"
    )
    cost_per_minute: Decimal | None = figure("The same ÷ minutes, of those whose length is known.", unit="money")
    coverage: float | None = figure("Share of their billable operations that have a price.", unit="share")
    refused_lines: int = figure("Lines of the logs, of any time, that could not be read.")
    by_minute: tuple[LiveMinute, ...] = figure("The oldest first; minutes without turns are left out.")
    slow: tuple[SlowTurn, ...] = figure("The newest slow turns, the newest first.")
    broken_limits: tuple[LimitBroken, ...] = figure("Limits of slo.toml that these figures break.")
    warnings: tuple[str, ...] = figure("What was passed over while reading.")
    rate_notes: tuple[str, ...] = figure("Rates far off their list price.", default=())
