"""How often callers stopped the agent."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Interruptions:
    """Times the caller stopped the agent. ``rate`` is ``count`` ÷ ``agent_turns``, the turns in which the agent spoke."""

    count: int
    agent_turns: int
    rate: float | None
