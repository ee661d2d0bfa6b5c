"""One judgement: what the reader takes for unknown is what ``line_findings`` lists, whichever way a line is read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from support.soak import SOAK
from support.store_runs import RULES
from voicetel.events.fields import EVENTS
from voicetel.store import open_store
from voicetel.store.ingest.lines import value_types
from voicetel.store.ingest.lines.value_checks import line_findings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from voicetel.events.fields import Field

COMPACT, SPACED = (",", ":"), (", ", ": ")
BASE: dict[str, dict[str, Any]] = {
    "call_started": {},
    "turn": {
        "user": {"start_ms": 0, "end_ms": 900},
        "agent": {"start_ms": 1500, "end_ms": 2500},
        "operations": [
            {"stage": "llm", "provider": "groq", "model": "m", "start_ms": 950, "ttfb_ms": 200, "input_tokens": 10}
        ],
    },
    "call_ended": {"operations": [{"stage": "transport", "provider": "livekit", "session_s": 60}]},
    "usage": {"operations": [{"stage": "stt", "provider": "deepgram", "audio_s": 2}]},
    "mark": {},
}
ODD: tuple[Any, ...] = (
    True, False, "", "x", "1000", " 1000 ", "1_000", "1e3", "true", "null", 5, 0, -1, 1.5, -0.25, 1e12, 1e300, float("nan"),
    float("inf"), [], [1], [[2, 1]], [["1", "2"]], {}, {"a": 1}, "\ud83d",
)  # fmt: skip
"""Values of every type, at and past the bounds of some field."""


def paths(fields: Iterable[Field], before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every field and every field of a field."""
    for field in fields:
        yield (*before, field.name)
        yield from paths(field.fields, (*before, field.name))


PATHS = sorted({("writer",), ("seq",)} | {(event, *path) for event in EVENTS for path in paths(EVENTS[event])})


def with_value(event: str, path: tuple[str, ...], value: object) -> dict[str, Any]:
    """The event with a value at the path; of a list, in its first item."""
    line: dict[str, Any] = json.loads(json.dumps(BASE[event]))
    at: Any = line
    for name in path[:-1]:
        at = at.setdefault(name, {})
        at = at[0] if isinstance(at, list) else at
    at[path[-1]] = value
    if path[-1] == "seq":
        line.setdefault("writer", "w")
    return line


def without(line: dict[str, Any], field: str) -> None:
    """Take the value out that a finding names."""
    at: Any = line
    *before, last = field.replace("[", ".[").split(".")
    for name in before:
        at = at[int(name[1:-1])] if name.startswith("[") else at.get(name, {})
    if isinstance(at, dict):
        value = at.pop(last, None)
        if last == "operations" and value:  # something was billed that is not known
            at[last] = [{"stage": "unknown"}]
        if last == "currency":
            at.pop("cost", None)


def read(
    folder: Path, lines: list[dict[str, Any]], separators: tuple[str, str], escaped: list[str] | None = None
) -> list[dict[str, Any]]:
    """The rows of some lines, each of a call of its own. ``escaped``: the name in each whose last letter is written as an escape."""
    with (folder / "a.jsonl").open("w") as file:
        for number, line in enumerate(lines):
            envelope = {"v": 1, "ts": "2026-11-02T09:00:00Z", "call_id": f"c{number:06d}"}
            text = json.dumps(envelope | line, separators=separators)
            if escaped:
                name = escaped[number]
                text = text.replace(f'"{name}"', f'"{name[:-1]}\\u00{ord(name[-1]):02x}"')
            file.write(text + "\n")
    with open_store([str(folder)], RULES, cache=False) as store:
        cursor = store.connection.execute(
            "SELECT * EXCLUDE (segment, stream_id, byte_offset, bytes, line_key, line_hash, unknown_values_line),"
            " line_key <> line_hash AS keyed FROM events ORDER BY call_id"
        )
        names = [column[0] for column in cursor.description or ()]
        found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        # unreadable says that a value was left out, and so differs
        operations = store.connection.execute(
            "SELECT * EXCLUDE (stream_id, line_key, unreadable) FROM operations ORDER BY call_id, operation"
        ).fetchall()
    by_call: dict[str, list[Any]] = {}
    for each in operations:
        by_call.setdefault(each[1], []).append(each)
    return [row | {"operations": by_call.get(row["call_id"])} for row in found]


def differences(
    folder: Path, events: list[dict[str, Any]], separators: tuple[str, str], escaped: list[str] | None = None
) -> list[tuple[object, ...]]:
    """The lines that are not read as the same lines without what ``line_findings`` names."""
    clean = []
    for event in events:
        line: dict[str, Any] = json.loads(json.dumps(event))
        whole = {"v": 1, "ts": "2026-11-02T09:00:00Z", "call_id": "c"} | event
        for field, _ in line_findings(json.dumps(whole).encode()):
            without(line, field)
        clean.append(line)
    (folder / "given").mkdir(parents=True)
    (folder / "clean").mkdir()
    rows = zip(
        events,
        read(folder / "given", events, separators, escaped),
        read(folder / "clean", clean, separators),
        strict=True,
    )
    return [
        (event, name, row[name], known[name]) for event, row, known in rows for name in row if row[name] != known[name]
    ]


@pytest.mark.parametrize("separators", [COMPACT, SPACED], ids=["compact", "spaced"])
def test_every_field_with_every_odd_value(tmp_path: Path, separators: tuple[str, str]) -> None:
    """Some hundred fields by two dozen values: what counts of each is what is not listed."""
    events = [
        {"event": path[0] if path[0] in EVENTS else "mark", **with_value(path[0], path[1:], value)}
        if path[0] in EVENTS
        else {"event": "mark", **with_value("mark", path, value)}
        for path in PATHS
        for value in ODD
    ]
    assert len(events) > 1500
    assert differences(tmp_path, events, separators) == []


def test_names_written_with_escapes(tmp_path: Path) -> None:
    r"""``"tex\u0074"`` is ``text``: the reader knows it, and so its value is looked at like any other."""
    paths_of_events = [path for path in PATHS if path[0] in EVENTS]
    pairs = [(path, value) for path in paths_of_events for value in (True, "1000", 5)]
    events = [{"event": path[0], **with_value(path[0], path[1:], value)} for path, value in pairs]
    assert differences(tmp_path, events, COMPACT, [path[-1] for path, _ in pairs]) == []


@pytest.mark.parametrize("path", PATHS, ids=".".join)
def test_a_value_of_no_type_of_a_field_is_listed(path: tuple[str, ...]) -> None:
    """No field takes both a list in a list and a number: one of the two is named, by its own path."""
    event, inner = (path[0], path[1:]) if path[0] in EVENTS else ("mark", path)
    named = []
    for value in ([[[0]]], -7.5):
        line = {"v": 1, "ts": "2026-11-02T09:00:00Z", "call_id": "c", "event": event, **with_value(event, inner, value)}
        named += [field.replace("[0]", "") for field, _ in line_findings(json.dumps(line).encode())]
    assert any(field.startswith(".".join(inner)) for field in named)


VALUES = st.one_of(
    st.booleans(),
    st.integers(-(10**6), 10**19),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(["1", "0.5", "1e3", "USD", "ok", "caller"]),
    st.lists(st.lists(st.integers(-5, 5), max_size=3), max_size=2),
    st.dictionaries(st.sampled_from(["text", "start_ms", "a"]), st.integers(-5, 5), max_size=2),
)


@settings(max_examples=300 if SOAK else 10, phases=(Phase.explicit, Phase.generate))
@given(data=st.data())
def test_lines_with_several_odd_values(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Turns with values of all kinds in their fields, some of which fit."""
    turns = [path[1:] for path in PATHS if path[0] == "turn"]
    events = []
    for _ in range(20):
        line: dict[str, Any] = {"event": "turn", **json.loads(json.dumps(BASE["turn"]))}
        for path in data.draw(st.lists(st.sampled_from(turns), min_size=1, max_size=4)):
            at: Any = line
            for name in path[:-1]:
                at = at.get(name) if isinstance(at, dict) else None
                at = at[0] if isinstance(at, list) and at else at
            if isinstance(at, dict):
                at[path[-1]] = data.draw(VALUES)
        events.append(line)
    assert differences(tmp_path_factory.mktemp("values"), events, COMPACT) == []


def test_names_are_seen_wherever_blocks_end() -> None:
    """A log is looked at in blocks: a name, its value or what stands before it may be cut by the end of one."""
    values = ["812", '"812"', " 812", "  812", "true", "null", "[1]", '{"a":1}', '"x\\u0074y"']
    keys = ['"turn":', '"turn" :', '"state_id":', '"sip_status":', '"status":', '"agent":', '"event":', '"x":', "turn:"]
    lines = [f'{{"v":1,{key}{value}}}\n'.encode() for key in keys for value in values]
    begins = np.cumsum([0, *map(len, lines[:-1])])
    data = np.frombuffer(b"".join(lines), np.uint8)
    expected = value_types.lines_with_mismatched_types(data, begins).tolist()
    assert 0 < len(expected) < len(lines)
    for size in range(1, 40):
        with mock.patch.object(value_types, "_BLOCK_BYTES", size):
            assert value_types.lines_with_mismatched_types(data, begins).tolist() == expected
