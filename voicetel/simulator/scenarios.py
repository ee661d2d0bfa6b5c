"""Scenarios: who may say what in which state of a dialogue, read from the data files and checked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from string import Formatter
from typing import TYPE_CHECKING, Any

from voicetel.simulator.chance import Weighted
from voicetel.simulator.data import table

if TYPE_CHECKING:
    from random import Random

LANGUAGES = ("en", "ru")


@dataclass(frozen=True, slots=True)
class Reply:
    """What the caller may answer, and the state it leads to; ``redraw`` names the slots that change on the way."""

    user: tuple[str, ...]
    goto: str
    redraw: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class State:
    """What the agent says on entering a state, while ``tool`` runs and after it.

    ``end`` is the outcome of a call that ends here. ``mark`` is the kind and value of what happens beside the turn.
    """

    name: str
    agent: tuple[str, ...]
    tool: str | None
    filler: tuple[str, ...]
    replies: Weighted[Reply] | None
    end: str | None
    final_state: str | None
    mark: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Scenario:
    """The states of one dialogue in one language and direction, and the words that fill its slots.

    ``asides`` names what the agent may ask beside the matter: a pair of lists of phrases.
    """

    states: dict[str, State]
    slots: dict[str, tuple[str, ...]]
    asides: tuple[str, ...]

    def fill(self, rng: Random) -> dict[str, str]:
        return {slot: rng.choice(words) for slot, words in self.slots.items()}


class ScenarioError(ValueError):
    """A data file of the package contradicts itself."""


@cache
def phrases(language: str) -> dict[str, tuple[str, ...]]:
    """Return what is said in any scenario of ``language``: lists of texts by name."""
    found = {name: tuple(texts) for name, texts in table(f"{language}/phrases").items() if name != "slots"}
    slots = set(table(f"{language}/phrases")["slots"])
    for name, texts in found.items():
        _check_texts(texts, slots, f"{language}/phrases: {name}")
    return found


@cache
def scenario(language: str, name: str, direction: str) -> Scenario:
    """Return the scenario ``name`` in ``language`` as it goes on calls of ``direction``.

    A text list may stand under ``inbound`` and ``outbound`` where the two differ, and a reply under one of them where
    it is given on such calls alone; web calls are inbound ones.
    Raises ScenarioError where a state is missing, a slot is unknown or a text would need escaping in JSON.
    """
    source = table(f"{language}/{name}")
    slots = {key: tuple(words) for key, words in (table(f"{language}/phrases")["slots"] | source["slots"]).items()}
    side = "outbound" if direction == "outbound" else "inbound"
    states = {key: _state(key, entry, side) for key, entry in source["states"].items()}
    where = f"{language}/{name}"
    for words in slots.values():
        _check_texts(words, set(), where)
    for state in states.values():
        _check_state(state, states, set(slots), where)
    asides = tuple(source["asides"])
    if not set(phrases(language)).issuperset(f"{aside}_{who}" for aside in asides for who in ("agent", "user")):
        raise ScenarioError(f"{where}: an aside has no phrases")
    return Scenario(states, slots, asides)


def _state(name: str, entry: dict[str, Any], side: str) -> State:
    replies = [
        (Reply(_texts(reply, "user", side), reply["goto"], tuple(reply.get("redraw", ()))), reply.get("weight", 1))
        for reply in entry.get("replies", ())
        if _texts(reply, "user", side) or not {"inbound", "outbound"} & set(reply)
    ]
    return State(
        name=name,
        agent=_texts(entry, "agent", side),
        tool=entry.get("tool"),
        filler=tuple(entry.get("filler", ())),
        replies=Weighted.of(replies) if replies else None,
        end=entry.get("end"),
        final_state=entry.get("final_state"),
        mark=tuple(entry["mark"]) if "mark" in entry else None,
    )


def _texts(entry: dict[str, Any], key: str, side: str) -> tuple[str, ...]:
    return tuple(entry.get(key) or entry.get(side) or ())


def _check_state(state: State, states: dict[str, State], slots: set[str], where: str) -> None:
    where = f"{where}: {state.name}"
    replies = state.replies.items if state.replies else ()
    if bool(replies) == bool(state.end):
        raise ScenarioError(f"{where}: has either replies or an end")
    if not state.agent or not all(reply.user for reply in replies):
        raise ScenarioError(f"{where}: somebody has nothing to say")
    _check_texts((*state.agent, *state.filler), slots, where)
    for reply in replies:
        _check_texts(reply.user, slots, where)
        if reply.goto not in states:
            raise ScenarioError(f"{where}: leads to {reply.goto}, which is no state")
        if not slots.issuperset(reply.redraw):
            raise ScenarioError(f"{where}: redraws an unknown slot")


def _check_texts(texts: tuple[str, ...], slots: set[str], where: str) -> None:
    for text in texts:
        if json.dumps(text, ensure_ascii=False) != f'"{text}"':
            raise ScenarioError(f"{where}: {text!r} would need escaping in JSON")
        if not slots.issuperset(slot for _, slot, _, _ in Formatter().parse(text) if slot is not None):
            raise ScenarioError(f"{where}: {text!r} has an unknown slot")
