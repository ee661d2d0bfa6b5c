"""An event as a line: valid JSON whatever it holds, ordered and typed by the table of fields."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicetel.events.fields import MAX_CALL_ID_CHARS, MAX_LINE_BYTES
from voicetel.events.line import UnwritableEventError, decode, encode
from voicetel.outcomes import CallOutcome

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def written(event: dict[str, Any]) -> dict[str, Any]:
    """The event as it reads after it was written."""
    line = encode({"call_id": "c", "event": "turn"} | event, writer="w", seq=1, now=NOON)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert len(line) <= MAX_LINE_BYTES
    return json.loads(line, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))  # type: ignore[no-any-return]


def test_keys_stand_in_the_order_of_the_table() -> None:
    """The envelope first, then the event's fields as the format lists them, nothing between the separators."""
    line = encode(
        {
            "operations": [{"ttfb_ms": 1, "model": "m", "stage": "llm"}], "agent": {"start_ms": 5, "text": "да"},
            "turn": 1, "call_id": "c", "event": "turn",
        },
        writer="9f1c", seq=2, now=NOON,
    )  # fmt: skip

    assert line.decode() == (
        '{"v":1,"event":"turn","ts":"2026-11-02T12:00:00.000Z","call_id":"c","writer":"9f1c","seq":2,"turn":1,'
        '"agent":{"text":"да","start_ms":5},"operations":[{"stage":"llm","model":"m","ttfb_ms":1}]}\n'
    )


@pytest.mark.parametrize(
    ("ts", "text"),
    [
        (NOON.replace(hour=9, microsecond=123_456, tzinfo=None), "2026-11-02T09:00:00.123Z"),
        (datetime(2026, 11, 2, 12, tzinfo=timezone(timedelta(hours=3))), "2026-11-02T09:00:00.000Z"),
        ("2026-11-02T12:00:00+03:00", "2026-11-02T09:00:00.000Z"),
        ("yesterday", "2026-11-02T12:00:00.000Z"),
        (None, "2026-11-02T12:00:00.000Z"),
        (datetime.max.replace(tzinfo=timezone(timedelta(hours=-3))), "2026-11-02T12:00:00.000Z"),
    ],
)
def test_ts_is_utc_with_milliseconds(ts: object, text: str) -> None:
    """A moment in any zone is written in UTC; one that cannot be read is the moment of emitting."""
    assert written({"ts": ts})["ts"] == text


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (12.34567, 12.346), (2.0, 2), (7, 7), (Decimal("1.5"), 1.5), (-3.0, -3),
        (math.nan, None), (math.inf, None), (-math.inf, None), (10**400, None), (2**63, None), (Decimal("sNaN"), None),
        (True, None), ("12", None), ([1], None),
    ],
)  # fmt: skip
def test_milliseconds_are_finite_numbers_of_three_places(value: object, kept: float | None) -> None:
    """A number that JSON or the reader cannot hold, and what is no number, is left out."""
    assert written({"operations": [{"stage": "stt", "ttfb_ms": value}]})["operations"] == [
        {"stage": "stt"} | ({} if kept is None else {"ttfb_ms": kept})
    ]


def test_values_outside_of_their_bounds_are_left_out() -> None:
    """A negative quantity is a word for "unknown"; a share above 1 cannot be."""
    event = {"event": "call_ended", "sentiment": 3, "sip_status": 42, "interruption_count": 1.5}

    assert written({"operations": [{"stage": "llm", "input_tokens": -1, "output_tokens": 5}]})["operations"] == [
        {"stage": "llm", "output_tokens": 5}
    ]
    assert written(event).keys().isdisjoint({"sentiment", "sip_status", "interruption_count"})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (CallOutcome.SUCCESS, "success"), (5, "5"), (True, "true"), (Decimal("0.10"), "0.10"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"), (PurePosixPath("/a"), "/a"), (NOON, "2026-11-02T12:00:00+00:00"),
    ],
)  # fmt: skip
def test_simple_values_become_words(value: object, text: str) -> None:
    """Where the format has a string, what has one plain spelling is spelt so."""
    assert written({"event": "call_ended", "outcome": value, "tags": {"k": value, 7: value, "gone": object()}}) == {
        "v": 1, "event": "call_ended", "ts": "2026-11-02T12:00:00.000Z", "call_id": "c", "writer": "w", "seq": 1,
        "outcome": text, "tags": {"k": text, "7": text},
    }  # fmt: skip


def test_spans_costs_and_shapes_are_checked() -> None:
    """A span has two moments, a cost is a decimal, and what is of another shape than its field is left out."""
    event = written(
        {
            "agent": {"spans": [[1, 2.5], [3], "45", [math.nan, 1]]},
            "user": "words",
            "operations": [
                {"stage": "llm", "cost": Decimal("1E-7"), "currency": "USD"},
                {"stage": "llm", "cost": "free"},
                {"stage": "llm", "cost": math.inf},
                "stage",
            ],
        }
    )

    assert event["agent"] == {"spans": [[1, 2.5]]}
    assert "user" not in event
    assert event["operations"] == [
        {"stage": "llm", "cost": "0.0000001", "currency": "USD"},
        {"stage": "llm"},
        {"stage": "llm"},
    ]


def test_fields_of_ones_own_are_kept_as_far_as_json_can_say_them() -> None:
    """The format ignores them, so they may be anything: objects, cycles and endless nesting are left out."""
    cycle: dict[str, Any] = {"n": 1}
    cycle["self"] = cycle
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    wide: list[Any] = []
    for _ in range(40):
        wide = [wide, wide]
    event = written(
        {"mine": {"a": [1, None, math.nan, {"b"}]}, "cycle": cycle, "object": object(), "deep": deep, "wide": wide}
    )

    assert event["mine"] == {"a": [1, None, ["b"]]}
    assert event["cycle"] == {"n": 1}
    assert "object" not in event


@pytest.mark.parametrize("call_id", ["../../etc/passwd", "a\x00b", "a\nb", "\u202ec", "x" * 256, 42])
def test_a_hostile_call_id_is_only_a_string(call_id: object) -> None:
    """Whatever it holds, it is read back as it was, in one line."""
    assert written({"call_id": call_id})["call_id"] == str(call_id)


def test_a_long_call_id_keeps_its_beginning_and_its_difference() -> None:
    """Past 256 characters the id ends in a hash, so that two long ids stay two calls."""
    first, second = (written({"call_id": "x" * 5000 + end})["call_id"] for end in "ab")

    assert len(first) == len(second) == MAX_CALL_ID_CHARS
    assert first[:200] == second[:200] == "x" * 200
    assert first != second


@pytest.mark.parametrize(
    "broken", [{"call_id": ""}, {"call_id": None}, {"call_id": ["c"]}, {"event": ""}, {"event": None}]
)
def test_a_line_without_its_envelope_is_none(broken: dict[str, Any]) -> None:
    """Without a call or a name an event cannot be written."""
    with pytest.raises(UnwritableEventError):
        written(broken)


def test_lone_surrogates_are_replaced() -> None:
    """Half a character from somebody's decoder makes no line that is not UTF-8."""
    assert written({"user": {"text": "a\ud800b"}, "\udc00": "\udc01"})["user"]["text"] == "a\ufffdb"


@pytest.mark.parametrize("char", ["a", "я", "😀", '"', "\x00", "\\"])
@pytest.mark.parametrize("both", [False, True])
def test_a_huge_transcript_is_cut_between_characters(char: str, both: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line stays within its limit, the longer text is cut on a code point and says so, what fits is kept."""
    limit = 10_000
    monkeypatch.setattr("voicetel.events.line.MAX_LINE_BYTES", limit)
    words = char * (limit + 1000)
    event: dict[str, Any] = {"user": {"text": words}, "agent": {"text": words if both else "short"}}
    line = encode(event | {"call_id": "c", "event": "turn"}, writer="w", seq=1, now=NOON)
    read = decode(line)
    user: Any = read["user"]
    agent: Any = read["agent"]

    assert limit - 100 < len(line) <= limit
    assert user["text_cut"] is True
    assert words.startswith(user["text"])
    assert both or agent == {"text": "short"}


def test_an_event_that_is_huge_elsewhere_is_refused() -> None:
    """Where cutting the texts does not help, there is no line."""
    with pytest.raises(UnwritableEventError, match="does not fit"):
        written({"user": {"text": "a"}, "operations": [{"stage": "x" * 8000}] * 2000})


words = st.text(max_size=4)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | words | st.binary(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words | st.integers(), inner, max_size=3),
    max_leaves=4,
)


@given(
    st.sampled_from(["call_started", "turn", "call_ended", "usage", "mark", "other"]),
    st.dictionaries(
        st.sampled_from(
            ["ts", "turn", "user", "agent", "operations", "tags", "cost", "kind", "sentiment", "spans", "mine"]
        ),
        anything,
        max_size=4,
    ),
)
def test_any_event_is_one_valid_line(name: str, event: dict[str, Any]) -> None:
    """Whatever stands in an event, its line is JSON that begins with a sound envelope."""
    read = written(event | {"event": name})

    assert list(read)[:6] == ["v", "event", "ts", "call_id", "writer", "seq"]
