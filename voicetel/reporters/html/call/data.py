"""One call for the script of report.html, in few bytes. ``drawing.py`` draws the same without a script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from voicetel.reporters.html.call.view import CallView, Lane, TurnView


def call_data(view: CallView) -> dict[str, Any]:
    """The view as lists; report.js reads them by their places."""
    found: dict[str, Any] = {
        "subtitle": view.subtitle,
        "facts": view.facts,
        "why": view.why,
        "range": [view.low_ms, view.high_ms],
        "strip": [view.length_s, view.caller_s, view.agent_s, view.cuts_s, view.begin_s],
        "turns": [_turn(turn) for turn in view.turns],
    }
    return {**found, "excerpt": view.excerpt} if view.excerpt else found


def _turn(turn: TurnView) -> list[Any]:
    flags = turn.is_slow + 2 * turn.zero_is_known
    found: list[Any] = [turn.title, turn.at, turn.stopped, turn.response, flags, [_lane(lane) for lane in turn.lanes]]
    return [*found, list(turn.words)] if any(words is not None for words in turn.words) else found


def _lane(lane: Lane) -> list[Any]:
    name = 0 if lane.name == lane.kind else lane.name
    found: list[Any] = [lane.kind, name, list(lane.edges), lane.note, lane.waited_ms, int(lane.is_cut)]
    while len(found) > 3 and not found[-1]:
        found.pop()
    return found
