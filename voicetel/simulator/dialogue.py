"""What is said in one call: a walk through a scenario, with the accidents of real conversations."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from voicetel.simulator.data import table
from voicetel.simulator.scenarios import Scenario, State, phrases

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

_MAX_TURNS = 28
_MIN_CHARS_TO_INTERRUPT = 45


@dataclass(slots=True)
class Exchange:
    """One turn as it is said: the caller's words (None: the agent speaks unasked) and the agent's (None: silence).

    ``filler`` is spoken while ``tool`` runs. ``interrupted``: the caller cuts the agent short with the next turn,
    ``hung_up``: by hanging up. ``mark``: kind and value of what happens beside the turn.
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
    """One walk through ``scenario``. Iterate it once; then ``ending`` says how it went.

    ``hang_up``: a state, and the share of callers who hang up in it; in the others it is the usual one. ``hung_up_in`` is
    the state in which this one did.
    """

    rng: Random
    scenario: Scenario
    language: str
    outbound: bool
    hang_up: tuple[str, float] | None = None
    ending: Ending = field(default_factory=Ending)
    hung_up_in: str | None = None
    _slots: dict[str, str] = field(default_factory=dict)
    _asides: list[str] = field(default_factory=list)
    _words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _caller: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Choose who calls about what."""
        self._slots = self.scenario.fill(self.rng)
        self._asides = list(self.scenario.asides)
        self._words = phrases(self.language)
        self._caller = table("traffic")["caller"]

    def __iter__(self) -> Iterator[Exchange]:
        """Yield the turns in their order."""
        rng, caller = self.rng, self._caller
        state = self.scenario.states["greeting"]
        exchange = self._enter(state, self._say("hello_user") if self.outbound and rng.random() < 0.6 else None)
        for _ in range(_MAX_TURNS):
            yield exchange
            if exchange.hung_up:
                self.ending, self.hung_up_in = Ending("fail", state.name), state.name
                return
            if state.replies is None:
                yield from self._close(state)
                return
            if rng.random() < caller["ask_human"]:
                break
            detour = self._detour(state, exchange)
            if detour is not None:
                exchange = detour
                continue
            reply = state.replies.draw(rng)
            for slot in reply.redraw:
                self._slots[slot] = rng.choice(self.scenario.slots[slot])
            said = self._fill(reply.user)
            entered = self.scenario.states[reply.goto]
            aside = self._aside(state, entered)
            if aside is not None:
                yield Exchange(state.name, said, self._say(f"{aside}_agent"))
                said = self._say(f"{aside}_user")
            state = entered
            exchange = self._enter(state, said)
        yield self._to_operator()

    def _say(self, name: str) -> str:
        return self._fill(self._words[name])

    def _fill(self, texts: tuple[str, ...]) -> str:
        """Choose one of ``texts`` and fill its slots; a transcript begins with a capital letter."""
        text = self.rng.choice(texts).format_map(self._slots)
        return text[0].upper() + text[1:]

    def _enter(self, state: State, said: str | None) -> Exchange:
        """Let the agent say what belongs to ``state``, and decide whether somebody cuts in."""
        rng, caller = self.rng, self._caller
        exchange = Exchange(state.name, said, self._fill(state.agent), state.tool, mark=state.mark)
        if state.filler and rng.random() < 0.8:
            exchange.filler = self._fill(state.filler)
        if state.replies is not None and len(exchange.agent or "") >= _MIN_CHARS_TO_INTERRUPT:
            exchange.interrupted = rng.random() < caller["barge_in"]
        if state.replies is not None and not exchange.interrupted:
            at = self.hang_up
            exchange.hung_up = rng.random() < (at[1] if at and at[0] == state.name else caller["hang_up"])
        calm = not (exchange.interrupted or exchange.hung_up)
        if calm and exchange.mark is None and rng.random() < caller["false_interruption"]:
            exchange.mark = ("false_interruption", None)
        return exchange

    def _detour(self, state: State, before: Exchange) -> Exchange | None:
        """Return a turn that leaves the dialogue where it is, or None: silence, noise, a question, a moment to think."""
        rng, caller = self.rng, self._caller
        if not before.interrupted and rng.random() < caller["no_input"]:
            return Exchange(state.name, None, self._say("no_input_agent"), mark=("no_input", None))
        if rng.random() < caller["misheard"]:
            return Exchange(state.name, self._say("misheard_user"), self._say("misheard_agent"))
        if rng.random() < caller["repeat"]:
            return Exchange(state.name, self._say("repeat_user"), self._fill(state.agent))
        if rng.random() < caller["wait"]:
            return Exchange(state.name, self._say("wait_user"), self._say("wait_agent"))
        return None

    def _aside(self, state: State, entered: State) -> str | None:
        """Choose what the agent asks before it enters a state, if anything.

        Recording is asked about at the start, "shall I?" before something is done, and nothing on parting.
        """
        if entered.end is not None or self.rng.random() >= self._caller["aside"]:
            return None
        for aside in self._asides:
            if {"recording": state.name == "greeting", "sure": entered.tool is not None}.get(aside, True):
                self._asides.remove(aside)
                return aside
        return None

    def _close(self, state: State) -> Iterator[Exchange]:
        rng = self.rng
        outcome = state.end or "unknown"
        if state.mark is not None and state.mark[0] == "transfer":
            self.ending = Ending(outcome, state.final_state, "transfer")
            return
        self.ending = Ending(outcome, state.final_state, "agent_hangup" if rng.random() < 0.5 else "caller_hangup")
        if rng.random() < self._caller["goodbye"]:
            answer = self._say("goodbye_agent") if rng.random() < 0.8 else None
            yield Exchange(
                "goodbye", self._say("goodbye_user" if outcome == "success" else "goodbye_curt_user"), answer
            )

    def _to_operator(self) -> Exchange:
        """Pass the caller on: for them, and for outcomes.toml, that is a call that got somewhere."""
        self.ending = Ending("success", "transferred_to_operator", "transfer")
        mark = ("transfer", "queue-operators")
        return Exchange("transfer", self._say("transfer_user"), self._say("transfer_agent"), mark=mark)
