"""What is said in one call: a walk through a scenario, with the accidents of real conversations."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from voicetel.simulator.data import table
from voicetel.simulator.scenarios import Scenario, State, phrases

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

MAX_TURNS = 24
_MIN_CHARS_TO_INTERRUPT = 45


@dataclass(slots=True)
class Exchange:
    """One turn as it is said: the caller's words (None: the agent speaks unasked) and the agent's reply (None: silence).

    ``filler`` is spoken while ``tool`` runs. ``interrupted``: the caller cuts the reply short with the next turn, ``hung_up``: by hanging up.
    ``mark``: a (kind, value) that is logged beside the turn.
    """

    state: str
    user: str | None
    agent: str | None
    tool: str | None = None
    filler: str | None = None
    interrupted: bool = False
    hung_up: bool = False
    mark: tuple[str, str | None] | None = None


@dataclass(slots=True)
class Ending:
    """How a dialogue ended: the outcome as a person would judge it and the evidence that the log may keep."""

    outcome: str = "unknown"
    final_state: str | None = None
    end_reason: str = "caller_hangup"


@dataclass(slots=True)
class Dialogue:
    """One walk through ``scenario``. Iterate it once; then ``ending`` says how it went."""

    rng: Random
    scenario: Scenario
    language: str
    outbound: bool
    ending: Ending = field(default_factory=Ending)

    def __iter__(self) -> Iterator[Exchange]:
        rng = self.rng
        caller: dict[str, float] = table("traffic")["caller"]
        words = phrases(self.language)
        slots = self.scenario.fill(rng)
        state = self.scenario.states["greeting"]
        opening = rng.choice(words["hello_user"]) if self.outbound and rng.random() < 0.6 else None
        exchange = self._enter(state, opening, slots, caller)
        for _ in range(MAX_TURNS):
            yield exchange
            if state.replies is None:
                yield from self._close(state, words, caller)
                return
            if exchange.hung_up:
                self.ending = Ending("fail", state.name)
                return
            if rng.random() < caller["no_input"] and not exchange.interrupted:
                text = rng.choice(words["no_input_agent"])
                exchange = Exchange(state.name, None, text, mark=("no_input", None))
                continue
            if rng.random() < caller["ask_human"]:
                yield self._to_operator(words)
                return
            if rng.random() < caller["misheard"]:
                exchange = Exchange(state.name, rng.choice(words["misheard_user"]), rng.choice(words["misheard_agent"]))
                continue
            reply = state.replies.draw(rng)
            for slot in reply.redraw:
                slots[slot] = rng.choice(self.scenario.slots[slot])
            said = rng.choice(reply.user).format_map(slots)
            state = self.scenario.states[reply.goto]
            exchange = self._enter(state, said, slots, caller)
        yield self._to_operator(words)

    def _to_operator(self, words: dict[str, Any]) -> Exchange:
        self.ending = Ending("fail", "transferred_to_operator", "transfer")
        asked, answered = self.rng.choice(words["transfer_user"]), self.rng.choice(words["transfer_agent"])
        return Exchange("transfer", asked, answered, mark=("transfer", "queue-operators"))

    def _enter(self, state: State, said: str | None, slots: dict[str, str], caller: dict[str, float]) -> Exchange:
        rng = self.rng
        text = rng.choice(state.agent).format_map(slots)
        exchange = Exchange(state.name, said, text, state.tool)
        if state.filler and rng.random() < 0.8:
            exchange.filler = rng.choice(state.filler).format_map(slots)
        if state.replies is not None and len(text) >= _MIN_CHARS_TO_INTERRUPT:
            exchange.interrupted = rng.random() < caller["barge_in"]
        if not exchange.interrupted and state.replies is not None:
            exchange.hung_up = rng.random() < caller["hang_up"]
        if state.mark is not None:
            exchange.mark = state.mark
        elif not (exchange.interrupted or exchange.hung_up) and rng.random() < caller["false_interruption"]:
            exchange.mark = ("false_interruption", None)
        return exchange

    def _close(self, state: State, words: dict[str, Any], caller: dict[str, float]) -> Iterator[Exchange]:
        rng = self.rng
        outcome = state.end or "unknown"
        if state.mark is not None and state.mark[0] == "transfer":
            self.ending = Ending(outcome, state.final_state, "transfer")
            return
        self.ending = Ending(outcome, state.final_state, "agent_hangup" if rng.random() < 0.5 else "caller_hangup")
        if rng.random() < caller["goodbye"]:
            answer = rng.choice(words["goodbye_agent"]) if rng.random() < 0.8 else None
            yield Exchange("goodbye", rng.choice(words["goodbye_user"]), answer)
