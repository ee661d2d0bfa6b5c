"""The published schema of log lines."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from voicetel.events.fields import EVENTS
from voicetel.events.json_schema import event_schema

SCHEMA = event_schema()
ENVELOPE = {"v": 1, "ts": "2026-11-02T09:00:00.000Z", "call_id": "c-7f3a", "writer": "9f1c", "seq": 1}
TURN: dict[str, Any] = {
    **ENVELOPE,
    "event": "turn",
    "turn": 1,
    "user": {"text": "Hi.", "start_ms": 0, "end_ms": 1840},
    "agent": {"text": "Yes?", "start_ms": 2715, "end_ms": 4630, "spans": [[2715, 3000], [3100, 4630]]},
    "operations": [{"stage": "stt", "provider": "deepgram", "ttfb_ms": 170, "audio_s": 2.1, "cost": "0.01"}],
    "eou_latency_ms": 875,
}


def is_valid(event: object) -> bool:
    """Whether the schema accepts the event."""
    return Draft202012Validator(SCHEMA).is_valid(event)


def test_is_a_schema_of_every_event() -> None:
    """It is valid itself and describes each event, and each with its envelope alone."""
    Draft202012Validator.check_schema(SCHEMA)
    assert all(is_valid({**ENVELOPE, "event": name}) for name in EVENTS)


def test_accepts_a_turn_and_what_it_does_not_know() -> None:
    """A whole turn; an unknown field, because fields can be added; a stage of one's own."""
    assert is_valid(TURN)
    assert is_valid({**TURN, "mood": "fine"})
    assert is_valid({**TURN, "operations": [{"stage": "vision"}]})


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("v",), 2),
        (("event",), "party"),
        (("call_id",), ""),
        (("call_id",), "c" * 257),
        (("turn",), "1"),
        (("user", "end_ms"), -1),
        (("agent", "interrupted_by"), "dog"),
        (("agent", "spans"), [[1]]),
        (("operations", 0, "cost"), 0.01),
        (("operations", 0, "audio_s"), -1),
        (("operations",), [{}]),
    ],
)
def test_refuses_what_the_format_does_not_have(path: tuple[str | int, ...], value: object) -> None:
    """A wrong type, a word without a meaning, a negative time: the writer's mistake is found before it is logged."""
    event: Any = copy.deepcopy(TURN)
    place = event
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert not is_valid(event)


@pytest.mark.parametrize("name", ["v", "event", "ts", "call_id"])
def test_asks_for_the_envelope(name: str) -> None:
    """Each of its four required fields."""
    assert not is_valid({key: value for key, value in TURN.items() if key != name})
