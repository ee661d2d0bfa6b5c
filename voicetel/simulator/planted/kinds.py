"""The kinds of what can be planted, and what a simulation says of each: what, where and how much."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from voicetel.results import figure, result
from voicetel.simulator.agents import agents
from voicetel.simulator.data import table

if TYPE_CHECKING:
    from collections import Counter
    from datetime import date

PLANTS = {
    "slow_day": "A day on which every provider answers late.",
    "slow_model": "A language model that answers later than any other.",
    "bad_release": "A release of an agent that is slower, and at one question of which callers hang up.",
    "night_campaign": "A campaign that calls in the night, when most people do not pick up.",
}
"""What each kind is."""

PLANTED_FILE = "planted.json"
"""The name of the file beside the logs that says what was planted."""


@result
class Planted:
    """One thing that was planted: where it is to be found, what was changed, and how much of it was written.

    ``counts`` is what the logs hold before ``--faults`` spoils any of it.
    """

    kind: str = figure("What was planted.", choices=tuple(PLANTS))
    description: str = figure("The same in words.")
    where: Mapping[str, str] = figure(
        "Where it is: names of groups as --by has them, or fields of operations, each with its value.", key_pattern="."
    )
    change: Mapping[str, float] = figure(
        "What was changed: `factor` multiplies times to first byte, shares are from 0 to 1, hours are those of UTC.",
        key_pattern=".",
    )
    counts: Mapping[str, int] = figure("How much of it was written.", key_pattern=".")


def planted(kind: str, slow_day: date, counts: Counter[tuple[str, str]]) -> Planted:
    """Say of ``kind`` where it was planted and how much; ``counts`` are by kind and name."""
    where, change = _place(kind, table("planted")[kind], slow_day)
    found = {name: count for (of, name), count in sorted(counts.items()) if of == kind}
    return Planted(kind, PLANTS[kind], where, change, found)


def _place(kind: str, entry: dict[str, Any], slow_day: date) -> tuple[dict[str, str], dict[str, float]]:
    match kind:
        case "slow_day":
            return {"day": slow_day.isoformat()}, {"factor": entry["factor"]}
        case "slow_model":
            stage, provider, name = entry["model"].split("/")
            return {"stage": stage, "provider": provider, "model": name}, {"factor": entry["factor"]}
        case "bad_release":
            before = next(each for each in agents().items if each.name == entry["agent"]).versions.items[0].name
            where = {"agent_name": entry["agent"], "agent_version": entry["version"], "state_id": entry["state"]}
            change = {"factor": entry["factor"], "share_of_calls": entry["share"], "hang_up_share": entry["hang_up"]}
            return where | {"agent_version_before": before}, change
        case _:
            where = {"agent_name": entry["agent"], "campaign": entry["campaign"]}
            hours = {name: entry[name] for name in ("first_hour", "last_hour")}
            return where, hours | {"no_answer_share": entry["no_answer"]}
