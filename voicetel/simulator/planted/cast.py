"""Who takes the calls of a file, and at which hours, with what was planted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from voicetel.simulator.agents import Agent, Version, agents
from voicetel.simulator.chance import Weighted
from voicetel.simulator.data import table

if TYPE_CHECKING:
    from random import Random

    from voicetel.simulator.pipelines.models import Model


@dataclass(frozen=True, slots=True)
class Cast:
    """The agents of a day, calls per hour of the day (relative), and for some hours (an agent, its share of their calls)."""

    agents: Weighted[Agent]
    by_hour: tuple[float, ...]
    at_night: dict[int, tuple[Agent, float]]

    def draw(self, rng: Random, hour: int) -> Agent:
        """Choose who takes a call that begins in ``hour``."""
        if hour in self.at_night:
            agent, share = self.at_night[hour]
            if rng.random() < share:
                return agent
        return self.agents.draw(rng)


@cache
def cast(kinds: tuple[str, ...], *, is_slow_day: bool) -> Cast:
    """Return the cast of a day on which ``kinds`` are planted; ``is_slow_day``: the slow day is this one."""
    planted = [_with_plants(agent, kinds, is_slow_day=is_slow_day) for agent in agents().items]
    by_hour: list[float] = list(table("traffic")["by_hour"])
    at_night = {}
    if "night_campaign" in kinds:
        entry = table("planted")["night_campaign"]
        caller = next(agent for agent in planted if agent.name == entry["agent"])
        caller = replace(caller, campaigns=(entry["campaign"],), no_answer=entry["no_answer"])
        for hour in range(entry["first_hour"], entry["last_hour"] + 1):
            by_hour[hour] += entry["weight"]
            at_night[hour] = (caller, entry["weight"] / by_hour[hour])
    return Cast(Weighted(tuple(planted), agents().totals), tuple(by_hour), at_night)


def _with_plants(agent: Agent, kinds: tuple[str, ...], *, is_slow_day: bool) -> Agent:
    entries = table("planted")

    def factor(model: Model) -> float:
        slower = 1.0
        if is_slow_day and "slow_day" in kinds and model.stage in entries["slow_day"]["stages"]:
            slower *= entries["slow_day"]["factor"]
        if "slow_model" in kinds and model.key == entries["slow_model"]["model"]:
            slower *= entries["slow_model"]["factor"]
        return slower

    release = entries["bad_release"]
    versions = agent.versions
    if "bad_release" in kinds and agent.name == release["agent"]:
        bad = Version(release["version"], release["factor"], (release["state"], release["hang_up"]))
        versions = Weighted.of([(versions.items[0], 1 - release["share"]), (bad, release["share"])])
    return replace(agent, stack=agent.stack.slowed(factor), versions=versions)
