"""The course of one call: exchanges of a dialogue become turns, one after the other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from voicetel.simulator.turn import Turn

if TYPE_CHECKING:
    from random import Random

    from voicetel.simulator.dialogue import Exchange
    from voicetel.simulator.pipelines.pipeline import Pipeline

_MARK_LATER_MS = 40
CUT_BY_CALLER = '"interrupted":true'
"""How the JSON of an agent ends that the caller interrupted."""


class Logged(NamedTuple):
    """One event of a call. Times are in ms from the call's start; ``body`` is its JSON after the envelope."""

    written_ms: int
    ts_ms: int
    event: str
    body: str


@dataclass(slots=True)
class Talk:
    """What happened so far in one call, and the events it left.

    ``clock_ms`` is when the last sound ended. ``barge_in_ms`` is set while the caller speaks over the agent: since when.
    """

    rng: Random
    pipeline: Pipeline
    log_eou: bool
    clock_ms: int = 0
    barge_in_ms: int | None = None
    turns: int = 0
    user_turns: int = 0
    events: list[Logged] = field(default_factory=list)

    def log(self, event: str, ts_ms: int, body: str) -> None:
        """Log an event that is written when it happens."""
        self.events.append(Logged(ts_ms, ts_ms, event, body))

    def mark(self, kind: str, at_ms: int, value: str | None = None) -> None:
        """Log a mark."""
        rest = "" if value is None else f',"value":"{value}"'
        self.log("mark", at_ms, f',"kind":"{kind}"{rest}')

    def exchange(self, said: Exchange) -> None:
        """Let ``said`` happen: the caller's words, then the agent's reply as far as the caller lets it."""
        pipeline = self.pipeline
        if said.user is None:
            turn = self._unasked(said)
            reply = said.agent or ""
            pipeline.greet(turn, reply)
        else:
            turn = self._caller_turn(said.user)
            decided_ms = pipeline.hear(turn)
            reply = " ".join(text for text in (said.filler, said.agent) if text)
            if reply:
                pipeline.answer(turn, said, decided_ms)
        interrupted = ""
        if reply:
            pipeline.context_tokens += pipeline.manner.tokens(reply) + 8
            reply, interrupted = self._play(turn, said, reply)
        self._write(turn, said, reply, interrupted)

    def _unasked(self, said: Exchange) -> Turn:
        """Begin a turn in which the agent speaks first, or again because it heard nothing for six seconds."""
        silence_ms = self.rng.randint(250, 700)
        if said.mark is not None and said.mark[0] == "no_input":
            silence_ms += 6_000
            self.mark("no_input", self.clock_ms + silence_ms)
        return Turn(self.clock_ms + silence_ms)

    def _caller_turn(self, text: str) -> Turn:
        """Begin a turn with the caller's words: after a pause, or over the agent's."""
        manner = self.pipeline.manner
        start_ms = self.barge_in_ms
        if start_ms is None:
            start_ms = self.clock_ms + manner.pause.draw(self.rng)
        self.barge_in_ms = None
        self.user_turns += 1
        self.pipeline.context_tokens += manner.tokens(text) + 6
        return Turn(start_ms, manner.user_ms(text))

    def _play(self, turn: Turn, said: Exchange, reply: str) -> tuple[str, str]:
        """Return the words that were heard and the JSON of how playback ended."""
        rng = self.rng
        if said.hung_up and turn.stoppable:
            return turn.stop(rng.uniform(0.3, 0.85), reply), '"interrupted":true,"interrupted_by":"hangup"'
        if said.interrupted and turn.stoppable:
            reply = turn.stop(rng.uniform(0.3, 0.85), reply)
            self.barge_in_ms = turn.ts_ms + turn.end_ms - rng.randint(150, 400)
            return reply, CUT_BY_CALLER
        if said.mark is not None and said.mark[0] == "false_interruption" and turn.stoppable:
            resumed_ms = turn.pause(rng.uniform(0.2, 0.7), rng.randint(500, 1_400))
            self.mark("false_interruption", turn.ts_ms + resumed_ms)
        return reply, '"interrupted":false'

    def _write(self, turn: Turn, said: Exchange, played: str, interrupted: str) -> None:
        self.turns += 1
        self.clock_ms = turn.ts_ms + turn.end_ms
        if said.mark is not None and said.mark[0] == "dtmf":
            self.mark("dtmf", turn.ts_ms, said.mark[1])
        body = turn.json(self.turns, said, played, interrupted, log_eou=self.log_eou)
        self.events.append(Logged(self.clock_ms, turn.ts_ms, "turn", body))
        if said.mark is not None and said.mark[0] in {"transfer", "handoff"}:
            self.mark(said.mark[0], self.clock_ms + _MARK_LATER_MS, said.mark[1])
