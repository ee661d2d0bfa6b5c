"""What ``voicetel report`` answers. Days and hours are those of a call's start, in the zone of the selection."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa

from voicetel.analyzers.conversation.results import Conversation
from voicetel.analyzers.cost.results import CostTable
from voicetel.analyzers.models.models import ModelUse
from voicetel.analyzers.overview.results import Analysis
from voicetel.analyzers.tools.tools import ToolUse
from voicetel.analyzers.turn_taking.results import TurnTaking
from voicetel.results import figure, result


@result
class ResponseBucket:
    """The response latency of the turns of one bucket: of a day, an hour, or a place in the call."""

    bucket: str = figure(
        "2026-11-02, 2026-11-02 09:00, or the number of the turn in its call; 12+ is the 12th and later."
    )
    n: int = figure("Turns whose response is known.")
    p50: float | None = figure("The median.", unit="ms", default=None)
    p95: float | None = figure("The 95th percentile.", unit="ms", default=None)
    slow: int = figure("Turns slower than slow_ms.", default=0)


@result
class HistogramBin:
    """Turns whose response is at least ``low_ms`` and below ``high_ms``; the last bin takes what is above too."""

    low_ms: int = figure("Where it begins.", unit="ms")
    high_ms: int = figure("Where it ends.", unit="ms")
    n: int = figure("How many turns.")


@result
class SlowResponses:
    """Turns whose response took longer than a bound."""

    above_ms: float = figure("The bound.", unit="ms")
    turns: int = figure("Turns that took longer.")
    n: int = figure("Turns whose response is known.")
    share: float | None = figure("turns ÷ n.", unit="share")


@result
class ResponseTimes:
    """The response latency (``eou_latency_ms``) over time, over a call, and how it is distributed."""

    slow_ms: float = figure("A response above this is slow.", unit="ms")
    slow: tuple[SlowResponses, ...] = figure("How many turns took longer than each bound.")
    slow_by_group: tuple[SlowResponses, ...] = figure("Turns above slow_ms in each group of `groups`, in their order.")
    by_day: tuple[ResponseBucket, ...] = figure("One per day that has calls.")
    by_hour: tuple[ResponseBucket, ...] = figure("One per hour that has calls.")
    by_turn: tuple[ResponseBucket, ...] = figure("One per place of a turn in its call.")
    histogram: tuple[HistogramBin, ...] = figure("From the first bin that has turns to the last, each a tenth wider.")


@result
class DayFigures:
    """What one day had."""

    day: str = figure("2026-11-02.")
    calls: int = figure("Calls that started on it.")
    answered: int = figure("Calls that somebody answered.")
    success: int | None = figure("Calls that succeeded. Null where of none that was answered it is known how it ended.")
    agent_turns: int = figure("Turns in which the agent spoke.")
    interruptions: int | None = figure("Times the caller stopped the agent. Null where nothing says so.")
    cost: Decimal | None = figure("What they cost. Null: nothing of it has a price.", unit="money")


@result
class Direction:
    """How far the calls of one direction came."""

    direction: str | None = figure("inbound, outbound or web; null: not logged.")
    calls: int = figure("Calls, or attempts.")
    answered: int = figure("Calls that somebody answered.")
    success: int | None = figure("Calls that succeeded. Null where of none that was answered it is known how it ended.")
    transferred: int | None = figure("Answered calls that were passed on. Null where none says how it ended.")


@result
class EndReason:
    """Calls that one reason ended."""

    end_reason: str | None = figure("As logged; null: not logged.")
    calls: int = figure("How many.")


@result
class Wait:
    """How long callers waited for a model, over turns."""

    latency: str = figure("The latency that is meant: the one of its stage.")
    n: int = figure("Turns in which it is known.")
    p50: float | None = figure("The median.", unit="ms")
    p95: float | None = figure("The 95th percentile.", unit="ms")


@result
class ModelFigures:
    """What one model did, and how long callers waited for it."""

    use: ModelUse = figure(inline=True)
    wait: Wait | None = figure("Null: no latency of it was logged.")


@result
class CallsReport:
    """Everything that the page shows. ``calls`` are the slowest ones, ``conversations`` those drawn as a waterfall."""

    analysis: Analysis = figure(inline=True)
    by: tuple[str, ...] = figure("What the groups are grouped by.")
    response: ResponseTimes = figure("The response latency over time, over a call, and its distribution.")
    turn_taking: TurnTaking = figure("Who spoke over whom, talk and silence.", member="interruptions_and_talk")
    days: tuple[DayFigures, ...] = figure("One per day that has calls.")
    cost_by_day: CostTable = figure("The bill by day and component.")
    directions: tuple[Direction, ...] = figure("How far the calls of each direction came.")
    end_reasons: tuple[EndReason, ...] = figure("What ended the calls, the most frequent first.")
    models: tuple[ModelFigures, ...] = figure("As `models` has them, with how long callers waited for each.")
    tools: tuple[ToolUse, ...] = figure("As `tools` has them.")
    calls: pa.Table = figure(hidden=True)
    conversations: tuple[Conversation, ...] = figure(hidden=True)
