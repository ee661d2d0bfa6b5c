"""What the analyzer of talk gives back. As in results.py: None is unknown, shares go from 0 to 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voicetel.analyzers.core.statistics import Statistics


@dataclass(frozen=True, slots=True)
class Overlaps:
    """How often one side spoke into the other's speech, each rate with what it is a share of.

    ``per_turn`` is ``count`` ÷ ``agent_turns``, ``per_call`` ÷ the calls; ``per_minute`` counts the calls whose length
    is known alone, in numerator and denominator.
    """

    count: int
    agent_turns: int
    per_turn: float | None
    per_call: float | None
    per_minute: float | None


@dataclass(frozen=True, slots=True)
class DeadAir:
    """Silence of both sides for longer than ``above_s``, between the first and the last sound of a call.

    ``share`` is of that time.
    """

    above_s: float
    count: int
    total_s: float | None
    longest_s: float | None
    share: float | None


@dataclass(frozen=True, slots=True)
class PlayedShare:
    """How much of the speech of interrupted turns was heard: audio played ÷ audio made, over ``turns`` with both known."""

    turns: int
    share: float | None


@dataclass(frozen=True, slots=True)
class TurnTaking:
    """Interruptions and talk of one set of calls.

    ``group`` says which: (dimension, value) pairs, empty for all calls. ``minutes`` sums the calls whose length is known.
    ``caller_over_agent`` are the interruptions of ``voicetel analyze``; ``agent_over_caller`` counts agent turns of known
    times that begin while the caller speaks; ``false_interruptions`` are those the agent's framework took back.
    ``overrun_ms`` is how long the agent kept talking after the caller had begun.

    What follows is of the ``timed_calls`` alone, in which the time of all speech is known: seconds of talk,
    ``talk_ratio`` (the agent's share of them), dead air, and the longest speech of one side without a word of the
    other, its pauses left out.
    """

    group: tuple[tuple[str, str | None], ...]
    calls: int
    minutes: float | None
    caller_over_agent: Overlaps
    agent_over_caller: Overlaps
    false_interruptions: Overlaps
    overrun_ms: Statistics
    played: PlayedShare
    timed_calls: int
    agent_talk_s: float | None
    caller_talk_s: float | None
    talk_ratio: float | None
    dead_air: DeadAir
    longest_agent_s: float | None
    longest_caller_s: float | None


@dataclass(frozen=True, slots=True)
class TurnTakingReport:
    """``voicetel interruptions``: over all calls, and over each group where groups were asked for."""

    total: TurnTaking
    groups: tuple[TurnTaking, ...] = ()
