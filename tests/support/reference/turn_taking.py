"""Who spoke over whom, once more in plain Python: what the SQL of voicetel/analyzers/turn_taking is held to."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from support.reference.definitions import ReferenceCall, at_us, audio, caller_begins, rounded

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from support.reference.definitions import Event

DEAD_AIR_US = 3_000_000

Stretch = tuple[int, int]
"""From, to, in µs since the epoch."""


def caller(turn: Event | None) -> Stretch | None:
    """When the caller of a turn speaks; None where one of both times is not known."""
    user = (turn or {}).get("user") or {}
    if turn is None or user.get("start_ms") is None or user.get("end_ms") is None:
        return None
    return at_us(turn, user["start_ms"]), at_us(turn, user["end_ms"])


def length(stretches: Iterable[Stretch]) -> int:
    """How long any of them lasts."""
    found, reached = 0, None
    for begin, end in sorted(stretches):
        found += max(end - (begin if reached is None else max(begin, reached)), 0)
        reached = end if reached is None else max(reached, end)
    return found


def interrupted_turns(call: ReferenceCall) -> list[tuple[int | None, int | None, int | None]]:
    """(overrun, played, synthesized), in µs, of the turns in which the caller stopped the agent."""
    found = []
    for (turn, following), stopped in zip(call.with_following(), call.interrupted(), strict=True):
        if stopped:
            stretches = audio(turn)
            begins = caller_begins(following) if following else None
            overrun = None
            if stretches and begins is not None and stretches[0][0] <= begins <= stretches[-1][1]:
                overrun = stretches[-1][1] - begins
            made = sum(
                rounded(each["audio_s"], 6)
                for each in turn.get("operations") or ()
                if each["stage"] == "tts" and each.get("audio_s") is not None
            )
            is_heard = bool(stretches) and made > 0
            found.append(
                (overrun, length(stretches) if is_heard else None, int(made * 1_000_000) if is_heard else None)
            )
    return found


def begins_over_caller(call: ReferenceCall) -> tuple[int, int]:
    """(agent turns in which a stretch of audio begins while the caller speaks, agent turns of known times)."""
    over = timed = 0
    for turn, following in call.with_following():
        stretches = audio(turn)
        voices = [voice for each in (turn, following) if (voice := caller(each)) is not None]
        timed += bool(stretches)
        over += any(begin < at < end for at, _ in stretches for begin, end in voices)
    return over, timed


def talk(call: ReferenceCall) -> dict[str, Any]:
    """What both said, in µs; all None where the time of some speech is not known, or nobody spoke."""
    names = (
        "agent_talk_us",
        "caller_talk_us",
        "first_to_last_sound_us",
        "dead_airs",
        "dead_air_us",
        "agent_monologue_us",
    )
    nothing = dict.fromkeys((*names, "caller_monologue_us"))
    stretches: list[tuple[int, int, bool]] = []
    for turn in call.turns:
        voice = caller(turn)
        if isinstance(turn.get("user"), dict):
            if voice is None or voice[0] > voice[1]:
                return nothing
            stretches.append((*voice, True))
        if isinstance(turn.get("agent"), dict):
            if not audio(turn):
                return nothing
            stretches += [(*each, False) for each in audio(turn)]
    if not stretches:
        return nothing
    stretches.sort()
    ends = itertools.accumulate((end for _, end, _ in stretches), max)
    silences = [begin - reached for (begin, *_), reached in zip(stretches[1:], ends, strict=False)]
    dead = [silence for silence in silences if silence > DEAD_AIR_US]
    return {
        "agent_talk_us": length(_of(stretches, is_caller=False)),
        "caller_talk_us": length(_of(stretches, is_caller=True)),
        "first_to_last_sound_us": max(end for _, end, _ in stretches) - stretches[0][0],
        "dead_airs": len(dead),
        "dead_air_us": sum(dead),
        "agent_monologue_us": _longest(stretches, is_caller=False),
        "caller_monologue_us": _longest(stretches, is_caller=True),
    }


def _of(stretches: Iterable[tuple[int, int, bool]], *, is_caller: bool) -> list[Stretch]:
    return [(begin, end) for begin, end, side in stretches if side == is_caller]


def _longest(stretches: Sequence[tuple[int, int, bool]], *, is_caller: bool) -> int | None:
    """The longest speech of one side, of stretches that follow each other without one of the other side."""
    runs = [list(run) for side, run in itertools.groupby(stretches, lambda each: each[2]) if side == is_caller]
    return max((length(_of(run, is_caller=is_caller)) for run in runs), default=None)
