"""The providers' models that simulated agents use: how long they take and how an operation of theirs is written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from voicetel.simulator.chance import Latency
from voicetel.simulator.data import table

if TYPE_CHECKING:
    from random import Random


@dataclass(frozen=True, slots=True)
class Model:
    """One model of one provider for one stage.

    ``head`` is the beginning of its operations' JSON. ``tokens_per_s`` is the speed of a language model after its
    first token, ``speed`` that of a voice in multiples of real time. ``caches`` says that the provider reports
    cached input tokens, ``error`` how a failed request of its reads.
    """

    stage: str
    provider: str
    name: str
    head: str
    latency: Latency
    tokens_per_s: float
    speed: float
    request_id: str | None
    caches: bool
    error: str

    @property
    def key(self) -> str:
        """Its name in models.toml."""
        return f"{self.stage}/{self.provider}/{self.name}"

    def slowed(self, factor: float) -> Model:
        """Return the model with a latency that is ``factor`` times as long."""
        return self if factor == 1 else replace(self, latency=self.latency.slowed(factor))

    def operation(self, rng: Random) -> str:
        """Begin the JSON of one operation, up to and with its request_id."""
        if self.request_id is None:
            return self.head
        return f'{self.head},"request_id":"{self.request_id}{rng.getrandbits(96):024x}"'


@cache
def model(key: str) -> Model:
    """Return the model that stands under ``stage/provider/model`` in models.toml."""
    stage, provider, name = key.split("/")
    entry = table("models")[key]
    return Model(
        stage=stage,
        provider=provider,
        name=name,
        head=f'{{"stage":"{stage}","provider":"{provider}","model":"{name}"',
        latency=Latency.of(
            entry["median_ms"], entry["sigma"], entry["floor_ms"], entry["tail_share"], entry["tail_factor"]
        ),
        tokens_per_s=entry.get("tokens_per_s", 0),
        speed=entry.get("speed", 0),
        request_id=entry.get("request_id"),
        caches=entry.get("caches", False),
        error=entry.get("error", ""),
    )
