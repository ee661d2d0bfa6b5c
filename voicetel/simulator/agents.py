"""The agents that take simulated calls."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from voicetel.simulator.chance import Weighted
from voicetel.simulator.data import table
from voicetel.simulator.models import Model, model


@dataclass(frozen=True, slots=True)
class Version:
    """One release of an agent. ``slower`` multiplies its language model's time to first token."""

    name: str
    slower: float


@dataclass(frozen=True, slots=True)
class Agent:
    """What answers or makes calls. Either ``realtime`` stands, or ``stt``, ``llm`` and ``tts`` do.

    ``preemptive``: starts to generate before the turn is judged over. ``sentences``: asks for speech sentence by
    sentence. ``summary``: has each call summed up after its end. ``derived_eou``: does not log eou_latency_ms.
    """

    name: str
    scenario: str
    direction: str
    source: str
    languages: Weighted[str]
    versions: Weighted[Version]
    campaigns: tuple[str, ...]
    stt: Model | None
    eot: Model | None
    llm: Model | None
    tts: Model | None
    realtime: Model | None
    transport: tuple[str, ...]
    prompt_tokens: int
    preemptive: bool
    sentences: bool
    summary: bool
    derived_eou: bool


@cache
def agents() -> Weighted[Agent]:
    """Return the agents of agents.toml, each with its share of the calls."""
    entries = table("agents")["agents"]
    return Weighted.of((_agent(entry), entry["weight"]) for entry in entries)


def _agent(entry: dict[str, Any]) -> Agent:
    stack = {used.stage: used for used in map(model, entry["stack"])}
    return Agent(
        name=entry["name"],
        scenario=entry["scenario"],
        direction=entry["direction"],
        source=entry["source"],
        languages=Weighted.of(entry["languages"].items()),
        versions=Weighted.of((Version(one["name"], one.get("slower", 1)), one["weight"]) for one in entry["versions"]),
        campaigns=tuple(entry["campaigns"]),
        stt=stack.get("stt"),
        eot=stack.get("eot"),
        llm=stack.get("llm"),
        tts=stack.get("tts"),
        realtime=stack.get("realtime"),
        transport=tuple(entry["transport"]),
        prompt_tokens=entry["prompt_tokens"],
        preemptive=entry.get("preemptive", False),
        sentences=entry.get("sentences", False),
        summary=entry.get("summary", False),
        derived_eou=entry.get("derived_eou", False),
    )
