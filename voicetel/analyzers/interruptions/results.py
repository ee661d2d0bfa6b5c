"""How often callers stopped the agent."""

from __future__ import annotations

from voicetel.results import figure, result


@result
class Interruptions:
    """Times the caller stopped the agent. All None of a group of operations."""

    count: int | None = figure("Times the caller stopped the agent. Null where nothing says so of any call.")
    agent_turns: int | None = figure("Turns in which the agent spoke.", column="agent_turns")
    rate: float | None = figure(
        "count ÷ agent_turns. Null where nothing says of any call whether the agent was stopped.", unit="share"
    )
