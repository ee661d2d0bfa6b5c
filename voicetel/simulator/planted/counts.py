"""How much of what was planted one call holds, as it was logged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.simulator.data import table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicetel.simulator.calls import Call


def counts_of(call: Call, kinds: tuple[str, ...], *, is_slow_day: bool) -> Iterator[tuple[tuple[str, str], int]]:
    """Yield (kind, name of the count) and how much of it ``call`` holds."""
    if is_slow_day and "slow_day" in kinds:
        yield ("slow_day", "calls"), 1
        yield ("slow_day", "turns"), sum(logged.event == "turn" for logged in call.events)
    if "slow_model" in kinds:
        name = table("planted")["slow_model"]["model"].split("/")[-1]
        requests = sum(logged.body.count(f'"model":"{name}"') for logged in call.events)
        yield ("slow_model", "calls"), int(requests > 0)
        yield ("slow_model", "requests"), requests
    release = table("planted")["bad_release"]
    if "bad_release" in kinds and (call.agent_name, call.agent_version) == (release["agent"], release["version"]):
        yield ("bad_release", "calls"), 1
        yield ("bad_release", "hangups"), int(call.hung_up_in == release["state"])
    if "night_campaign" in kinds and call.campaign == table("planted")["night_campaign"]["campaign"]:
        yield ("night_campaign", "calls"), 1
        picked_up = any(logged.event == "mark" and '"kind":"answered"' in logged.body for logged in call.events)
        yield ("night_campaign", "picked_up"), int(picked_up)
