"""The agents that take simulated calls."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from voicetel.simulator.chance import Weighted
from voicetel.simulator.data import table
from voicetel.simulator.pipelines.cascade import CascadeStack
from voicetel.simulator.pipelines.models import model
from voicetel.simulator.pipelines.speech_to_speech import SpeechToSpeechStack


@dataclass(frozen=True, slots=True)
class Version:
    """One release of an agent.

    ``slower`` multiplies its language model's time to first token. ``hang_up``: a state of the dialogue, and the share of
    callers who hang up in it.
    """

    name: str
    slower: float
    hang_up: tuple[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Agent:
    """What answers or makes calls.

    ``summary``: has each call summed up after its end. ``derived_eou``: does not log eou_latency_ms. ``no_answer``: the share of
    dialled numbers where nobody picks up, None: the usual one.
    """

    name: str
    scenario: str
    direction: str
    source: str
    languages: Weighted[str]
    versions: Weighted[Version]
    campaigns: tuple[str, ...]
    stack: CascadeStack | SpeechToSpeechStack
    transport: tuple[str, ...]
    prompt_tokens: int
    summary: bool
    derived_eou: bool
    no_answer: float | None = None


@cache
def agents() -> Weighted[Agent]:
    """Return the agents of agents.toml, each with its share of the calls."""
    entries = table("agents")["agents"]
    return Weighted.of((_agent(entry), entry["weight"]) for entry in entries)


def _agent(entry: dict[str, Any]) -> Agent:
    return Agent(
        name=entry["name"],
        scenario=entry["scenario"],
        direction=entry["direction"],
        source=entry["source"],
        languages=Weighted.of(entry["languages"].items()),
        versions=Weighted.of((Version(one["name"], one.get("slower", 1)), one["weight"]) for one in entry["versions"]),
        campaigns=tuple(entry["campaigns"]),
        stack=_stack(entry),
        transport=tuple(entry["transport"]),
        prompt_tokens=entry["prompt_tokens"],
        summary=entry.get("summary", False),
        derived_eou=entry.get("derived_eou", False),
    )


def _stack(entry: dict[str, Any]) -> CascadeStack | SpeechToSpeechStack:
    models = {used.stage: used for used in map(model, entry["stack"])}
    if "realtime" in models:
        return SpeechToSpeechStack(models["realtime"], models["eot"])
    return CascadeStack(
        stt=models["stt"],
        llm=models["llm"],
        tts=models["tts"],
        eot=models.get("eot"),
        preemptive=entry.get("preemptive", False),
        sentences=entry.get("sentences", False),
    )
