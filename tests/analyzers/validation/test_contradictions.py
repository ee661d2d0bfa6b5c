"""What lines say that cannot all be so: told in the report and by validate, though every line counts."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from support.logs import store_of
from voicetel.analyzers.overview.analyze import analyze
from voicetel.analyzers.validation.contradictions import contradiction_notes_of_store
from voicetel.analyzers.validation.validation import validation
from voicetel.pricing import load_card

if TYPE_CHECKING:
    from pathlib import Path

    from support.logs import Event

TURN: Event = {
    "v": 1,
    "event": "turn",
    "ts": "2026-11-02T09:00:01Z",
    "call_id": "d",
    "turn": 1,
    "user": {"start_ms": 0, "end_ms": 500},
    "agent": {"start_ms": 900, "end_ms": 1500},
    "operations": [{"stage": "llm", "provider": "groq", "model": "m", "ttfb_ms": 200, "input_tokens": 100}],
}


def turn(**fields: Any) -> Event:
    """The turn with other fields."""
    return copy.deepcopy(TURN) | fields


def said(folder: Path, *events: Event) -> list[str]:
    """The beginnings of the sentences of a log: the report and validate have the same."""
    with store_of(folder, events) as store:
        found = contradiction_notes_of_store(store, without_listed=True)
        assert validation(store).notes == found
        assert analyze(store, load_card()).notes[: len(found)] == found
    return [sentence.split(",")[0] for sentence in found]


REPEATED = "Turn numbers that stand in several lines of one call"
LOST = "Lines with the writer and seq of another line"
PARTS = "Operations of which a part is larger than its whole"
SECONDS = "None of 4 latencies reaches 10 ms: they look like seconds; the format wants milliseconds."


@pytest.mark.parametrize(
    "other",
    [
        dict(reversed(TURN.items())),
        turn(state_id="x"),
        turn(ts="2026-11-02T09:00:02Z"),
        turn(operations=[]),
        turn(unknown=1),
        turn(writer="w", seq=1),
        turn(turn=1.0),
        turn(user={"text": "half", "start_ms": 0}),
        turn(agent=None),
        turn(eou_latency_ms=400),
        turn(tags={"copy": "2"}),
        turn(ts="2026-11-02T10:00:01+01:00"),
    ],
    ids=[
        "keys in another order",
        "state",
        "time",
        "operations",
        "unknown field",
        "writer",
        "number with a point",
        "half a transcript",
        "no reply yet",
        "latency",
        "tags",
        "another spelling of the time",
    ],
)
def test_one_turn_number_in_several_lines(tmp_path: Path, other: Event) -> None:
    """The same turn once more, as a log shipper writes it, or another turn of that number."""
    assert said(tmp_path, TURN, other) == [REPEATED]


@pytest.mark.parametrize(
    "other",
    [TURN, turn(turn=2), turn(call_id="e"), turn(turn=None), turn(turn="1")],
    ids=["same bytes", "next", "another call", "no number", "a text"],
)
def test_turns_that_are_no_contradiction(tmp_path: Path, other: Event) -> None:
    """A line that comes twice counts once, and turns without a number have none that could come twice."""
    assert said(tmp_path, TURN, other) == []


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (turn(), turn(turn=2), [LOST]),
        (turn(), turn(turn=2, ts="2026-11-02T09:00:31Z"), [LOST]),
        (turn(), turn(turn=1, state_id="x"), [LOST]),
        (turn(), turn(), []),
        (turn(seq=2), turn(turn=2, seq=3), []),
        (turn(), turn(turn=2, call_id="e"), []),
        (turn(), turn(turn=2, writer="other"), []),
        (turn(seq="1"), turn(turn=2, seq="1"), []),
    ],
)
def test_writer_and_seq_of_another_line(tmp_path: Path, first: Event, second: Event, expected: list[str]) -> None:
    """One of the two does not count: a writer that began anew has lost a turn."""
    key = {"writer": "host", "seq": 2}
    assert said(tmp_path, key | first, key | second) == expected


@pytest.mark.parametrize(
    ("quantities", "expected"),
    [
        ({"input_tokens": 19, "cached_input_tokens": 39000, "cache_write_tokens": 200}, [PARTS]),
        ({"input_tokens": 10, "cached_input_tokens": 11}, [PARTS]),
        ({"input_tokens": 10, "cached_input_tokens": 6, "cache_write_tokens": 5}, [PARTS]),
        ({"input_tokens": 10, "cache_write_tokens": 11}, [PARTS]),
        ({"input_tokens": 10, "input_audio_tokens": 11}, [PARTS]),
        (
            {"input_tokens": 10, "input_audio_tokens": 4, "cached_input_audio_tokens": 5, "cached_input_tokens": 5},
            [PARTS],
        ),
        (
            {"input_tokens": 10, "cached_input_tokens": 4, "cached_input_audio_tokens": 5, "input_audio_tokens": 5},
            [PARTS],
        ),
        ({"output_tokens": 10, "output_audio_tokens": 11}, [PARTS]),
        ({"input_tokens": 10, "cached_input_tokens": 10}, []),
        ({"input_tokens": 10, "cached_input_tokens": 6, "input_audio_tokens": 9, "cached_input_audio_tokens": 5}, []),
        ({"input_tokens": 10, "cached_input_tokens": 6, "cache_write_tokens": 4}, []),
        ({"cached_input_tokens": 6}, []),
    ],
    ids=str,
)
def test_a_part_larger_than_its_whole(tmp_path: Path, quantities: dict[str, int], expected: list[str]) -> None:
    """The sign of a log that counts cached tokens beside the input tokens."""
    operations = [{"stage": "llm", "provider": "groq", "model": "m", **quantities}]
    assert said(tmp_path, turn(operations=operations)) == expected


@pytest.mark.parametrize(("scale", "expected"), [(0.001, [SECONDS]), (0.01, [SECONDS]), (0.025, []), (1, [])], ids=str)
def test_seconds_where_milliseconds_are_asked(tmp_path: Path, scale: float, expected: list[str]) -> None:
    """Response 400 ms and first token 200 ms of two turns: none of the four numbers reaches ten."""
    turns = [
        turn(
            turn=number,
            user={"end_ms": 500 * scale},
            agent={"start_ms": 900 * scale},
            operations=[{"stage": "llm", "provider": "g", "ttfb_ms": 200 * scale}],
        )
        for number in (1, 2)
    ]
    assert said(tmp_path, *turns) == expected
