"""What stands between the caller's voice and the agent's: the part that cascades and speech-to-speech models share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicetel.simulator.chance import Latency
from voicetel.simulator.data import table
from voicetel.simulator.turn import Operation, Turn

if TYPE_CHECKING:
    from random import Random

    from voicetel.simulator.dialogue import Exchange


@dataclass(frozen=True, slots=True)
class Manner:
    """How this caller and this language sound."""

    user_ms_per_char: float
    agent_ms_per_char: float
    chars_per_token: float
    pause: Latency

    @classmethod
    def draw(cls, rng: Random, language: str) -> Manner:
        """Make up a caller who speaks ``language``."""
        speech, caller = table("traffic")["speech"], table("traffic")["caller"]
        ms_per_char = speech[f"{language}_ms_per_char"]
        return cls(
            user_ms_per_char=ms_per_char * rng.lognormvariate(0, caller["pace_sigma"]),
            agent_ms_per_char=ms_per_char,
            chars_per_token=speech[f"{language}_chars_per_token"],
            pause=Latency.of(caller["pause_median_ms"], caller["pause_sigma"]),
        )

    def agent_ms(self, text: str) -> int:
        """How long the agent takes to say ``text``."""
        return 90 + int(len(text) * self.agent_ms_per_char)

    def user_ms(self, text: str) -> int:
        """How long the caller takes to say ``text``."""
        return 240 + int(len(text) * self.user_ms_per_char)

    def tokens(self, text: str) -> int:
        """How many tokens a language model counts in ``text``."""
        return 2 + int(len(text) / self.chars_per_token)


class Pipeline(ABC):
    """The providers of one call. ``context_tokens`` is the conversation so far as a language model is sent it."""

    def __init__(self, rng: Random, manner: Manner, prompt_tokens: int, slower: float) -> None:
        self.rng = rng
        self.manner = manner
        self.slower = slower
        self.context_tokens = prompt_tokens
        self.shares: dict[str, float] = table("traffic")["agent"]

    @abstractmethod
    def hear(self, turn: Turn) -> int:
        """Listen to the caller, who falls silent at ``turn.said_ms``; return when the end of the turn is detected."""

    @abstractmethod
    def greet(self, turn: Turn, text: str) -> None:
        """Say ``text`` unasked."""

    @abstractmethod
    def answer(self, turn: Turn, said: Exchange, decided_ms: int) -> None:
        """Say ``said.filler`` and ``said.agent`` in answer to a turn whose end was detected at ``decided_ms``."""

    def overhead_ms(self) -> int:
        """Draw the time that passes between two operations."""
        return int(self.shares["overhead_min_ms"] + self.rng.random() * self.shares["overhead_spread_ms"])

    def playout_ms(self) -> int:
        """Draw the time from the first audio bytes to the first audio that leaves the process."""
        return int(self.shares["playout_min_ms"] + self.rng.random() * self.shares["playout_spread_ms"])

    def judge(self, turn: Turn, latency: Latency, head: str) -> int:
        """Decide that the caller is done; return when it was decided."""
        duration_ms = latency.draw(self.rng)
        turn.operations.append(Operation(head, turn.said_ms, duration_ms=duration_ms))
        return turn.said_ms + duration_ms

    def use_tool(self, turn: Turn, name: str, start_ms: int) -> int:
        """Run a tool; return when it answered."""
        duration_ms = int(self.rng.lognormvariate(5.6, 0.7))
        status = ""
        if self.rng.random() < self.shares["failed_tool"]:
            duration_ms, status = duration_ms + 1500, ',"status":"error","error":"timeout after 1500 ms"'
        head = f'{{"stage":"tool","name":"{name}"'
        turn.operations.append(Operation(head, start_ms, duration_ms=duration_ms, status=status))
        self.context_tokens += self.rng.randint(60, 160)
        return start_ms + duration_ms
