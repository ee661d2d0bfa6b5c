"""What ``voicetel interruptions`` answers. None is unknown, shares go from 0 to 1."""

from __future__ import annotations

from voicetel.analyzers.core.statistics import Statistics
from voicetel.results import CellFormat, Grouped, figure, result


@result
class Overlaps:
    """How often one side spoke into the other's speech, each rate with what it is a share of.

    ``per_minute`` counts the calls whose length is known alone, in numerator and denominator.
    """

    count: int | None = figure("How often. Null where nothing logged says so.")
    agent_turns: int | None = figure("Turns in which the agent spoke; for agent_over_caller those of known times.")
    per_turn: float | None = figure("count ÷ agent_turns.", unit="share")
    per_call: float | None = figure("count ÷ calls.", minimum=0, format=CellFormat.SCORE)
    per_minute: float | None = figure(
        "count ÷ minutes, of calls whose length is known.", minimum=0, format=CellFormat.SCORE
    )


@result
class DeadAir:
    """Silence of both sides, between the first and the last sound of a call."""

    above_s: float = figure("Silence longer than this counts.", unit="s")
    count: int | None = figure("How often.")
    total_s: float | None = figure("How long in all.", unit="s")
    longest_s: float | None = figure("The longest.", unit="s")
    share: float | None = figure("Of the time from the first to the last sound.", unit="share")


@result
class PlayedShare:
    """How much of the speech of interrupted turns the caller got to hear."""

    turns: int = figure("Interrupted turns of which both are known.")
    share: float | None = figure("Audio played ÷ audio made.", unit="share")


@result
class TurnTaking:
    """Who spoke over whom, for how long each side spoke, and how much nobody did, in one set of calls.

    What follows ``timed_calls`` is of those calls alone, in which the time of all speech is known. Of a group of turns all
    that is of calls is None.
    """

    calls: int = figure("Calls; of a group of turns, those that have one in it.")
    minutes: float | None = figure("Of the calls whose length is known.", unit="min", format=CellFormat.QUANTITY)
    caller_over_agent: Overlaps = figure("Agent speech that the caller cut short.")
    agent_over_caller: Overlaps = figure("The agent began while the caller spoke.")
    false_interruptions: Overlaps = figure("Taken back by the agent's framework.")
    overrun_ms: Statistics = figure("From the caller's first sound to the agent's last.")
    played: PlayedShare = figure(
        "How much of the speech of interrupted turns was played.", member="heard", prefix="heard_"
    )
    timed_calls: int | None = figure("Calls in which the time of all speech is known: the figures below are theirs.")
    agent_talk_s: float | None = figure("How long agents spoke.", unit="s")
    caller_talk_s: float | None = figure("How long callers spoke.", unit="s")
    talk_ratio: float | None = figure("The agent's share of the talk.", unit="share")
    dead_air: DeadAir = figure("Silence of both sides.")
    longest_agent_s: float | None = figure("Speech without a word of the other side.", unit="s")
    longest_caller_s: float | None = figure("Speech without a word of the other side.", unit="s")


InterruptionReport = Grouped[TurnTaking]
"""Over all calls and, where groups were asked for, over each group."""
