"""Exports with anything wrong in them: no traceback, nothing invented, and what was passed over is counted."""

from __future__ import annotations

import copy
import json
import os
import tempfile
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.imports.imported_calls import FIXTURES
from support.imports.imported_lines import lines_of
from voicetel.events.line import checked
from voicetel.importers import ImportResult, import_files

EXAMPLES = 1_000 if os.environ.get("VOICETEL_SOAK") else 15
"""Mutated exports of each source; ``make soak`` tries a thousand."""
SOURCES = sorted(path.name for path in FIXTURES.iterdir() if path.is_dir())

JUNK: list[Any] = [
    None, True, False, 0, -1, 3, 1e300, -2.5, 10**30, "", "x", "…\ud800", "12", "true", "2026-10-05T14:00:00Z",
    "0001-01-01", "9" * 5000, [], [None], [1, "x", {}], {}, {"a": None}, [[[[]]]], {"tokens": "many"}, "\x00\x1b[31m",
]  # fmt: skip


@cache
def documents(source: str) -> list[Any]:
    """The documents of a source's fixtures."""
    found = []
    for path in sorted((FIXTURES / source).iterdir()):
        text = path.read_text("utf-8")
        read = [json.loads(line) for line in text.splitlines()] if path.suffix == ".jsonl" else json.loads(text)
        found += read if isinstance(read, list) else [read]
    return found


def places(value: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to each value in a document."""
    found = [above] if above else []
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in members:
        found += places(inner, (*above, name))
    return found


class Export:
    """A file's bytes, which nobody wants to read in a message."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def __repr__(self) -> str:
        return f"an export of {len(self.data)} bytes"


@st.composite
def mutated(draw: st.DrawFn, source: str) -> Export:
    """The documents of a source as a file, each with some things wrong in it, and now and then cut off."""
    pieces = []
    for document in documents(source):
        changed = copy.deepcopy(document)
        for _ in range(draw(st.integers(0, 4))):
            mutate(draw, changed)
        pieces.append(json.dumps(changed))
    text = draw(st.sampled_from(["\n", "\n\n", " "])).join(pieces)
    if draw(st.integers(0, 5)) == 0:
        text = text[: draw(st.integers(0, len(text)))]
    return Export(text.encode("utf-8", "surrogatepass"))


def mutate(draw: st.DrawFn, document: Any) -> None:
    """Take a value away, put another in its place, or put it somewhere else."""
    ways = places(document)
    if not ways:
        return
    way = draw(st.sampled_from(ways))
    parent = document
    for step in way[:-1]:
        parent = parent[step]
    last = way[-1]
    match draw(st.integers(0, 4)):
        case 0:
            del parent[last]
        case 1:
            parent[last] = copy.deepcopy(draw(st.sampled_from(JUNK)))
        case 2:
            parent[last] = {"value": parent[last]}
        case 3:
            parent[last] = [parent[last], copy.deepcopy(parent[last])]
        case 4:
            parent[last] = draw(st.sampled_from([str(parent[last]), len(str(parent[last]))]))


def imported(data: bytes) -> tuple[ImportResult, list[dict[str, Any]]]:
    """The result of importing ``data``, and the lines that were written."""
    with tempfile.TemporaryDirectory() as name:
        export = Path(name) / "export.json"
        export.write_bytes(data)
        logs = Path(name) / "logs"
        result = import_files([str(export)], logs)
        return result, lines_of(logs)


def numbers(value: Any) -> set[Decimal]:
    """Every number in a document, those in strings too."""
    if isinstance(value, dict):
        return set().union(*map(numbers, value.values()))
    if isinstance(value, list):
        return set().union(*map(numbers, value))
    if isinstance(value, str) and value[:1] in "{[" and value:
        try:
            return numbers(json.loads(value, parse_float=Decimal))
        except ValueError:
            return set()
    try:
        return {Decimal(str(value).lstrip("-"))} if not isinstance(value, bool) else set()
    except ArithmeticError:
        return set()


@pytest.mark.parametrize("source", SOURCES)
def test_no_mutation_makes_a_traceback_or_a_line_that_is_wrong(source: str) -> None:
    """Each line is one that the format's own checks leave as it is; keys are unique; times are of this century."""

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(mutated(source))
    def check(export: Export) -> None:
        _, lines = imported(export.data)
        keys = [(line["call_id"], line["writer"], line["seq"]) for line in lines]
        assert len(keys) == len(set(keys))
        for line in lines:
            mark = line.pop("imported", None)
            assert json.loads(json.dumps(checked(line), default=str)) == line, (mark, line)
            assert "2000" <= line["ts"][:4] < "2100"
            assert_sane(line)

    check()


def assert_sane(line: dict[str, Any]) -> None:
    """Nothing is negative, and what a turn says of times is in order."""
    user, agent = line.get("user", {}), line.get("agent", {})
    for who in (user, agent):
        if "start_ms" in who and "end_ms" in who:
            assert 0 <= who["start_ms"] <= who["end_ms"]
    assert line.get("eou_latency_ms", 1) > 0
    for operation in line.get("operations", ()):
        assert ("cost" in operation) == ("currency" in operation)
        assert Decimal(operation.get("cost", "0")) >= 0
        assert operation.get("ttfb_ms", 1) >= 0
        assert operation.get("duration_ms", 0) >= 0
        assert operation.get("start_ms", 0) >= 0


@pytest.mark.parametrize("source", ["vapi", "retell", "elevenlabs", "bolna", "twilio"])
def test_no_mutation_invents_a_charge(source: str) -> None:
    """Each amount that is written stands in the export, in its own unit or in cents, or is a difference or sum of such."""

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(mutated(source))
    def check(export: Export) -> None:
        known = set()
        for text in export.data.decode("utf-8", "surrogatepass").splitlines():
            try:
                known |= numbers(json.loads(text, parse_float=Decimal))
            except ValueError:
                return
        _, lines = imported(export.data)
        costs = [
            (operation["stage"], Decimal(operation["cost"]))
            for line in lines
            for operation in line.get("operations", ())
            if "cost" in operation
        ]
        for stage, cost in costs:
            if stage not in ("llm", "analysis", "platform"):
                assert cost == 0 or cost in known or cost * 100 in known, (stage, cost)

    check()


@pytest.mark.parametrize("source", SOURCES)
def test_what_is_passed_over_is_counted(source: str) -> None:
    """A document gives a call, or is counted: as not recognised, as broken, or with a reason why it gives none."""
    for document in documents(source):
        for name in list(document):
            changed = {key: value for key, value in document.items() if key != name}
            result, _ = imported(json.dumps(changed).encode())
            said = sum(notes.counts.total() for notes in result.notes.values())
            assert result.counted.calls or said or result.unrecognised.total(), name


def test_a_value_of_another_type_is_named() -> None:
    """By the way to it, without the value."""
    document = json.loads((FIXTURES / "vapi" / "webhook_inbound.json").read_text("utf-8"))
    document["message"]["artifact"]["messages"][1]["endTime"] = "SECRET"
    document["message"]["costs"][0]["cost"] = ["SECRET"]
    result, _ = imported(json.dumps(document).encode())
    said = [kind for kind in result.notes["vapi"].counts if "another type" in kind]
    assert len(said) == 2
    assert "artifact.messages[].endTime" in said[0] + said[1]
    assert "costs[].cost" in said[0] + said[1]
    assert "SECRET" not in "".join(said)


def test_half_a_surrogate_pair_is_replaced() -> None:
    """JSON can hold one and UTF-8 cannot: in an id, in a word, in an attribute."""
    for source, old in (("otel_livekit", "1bf7651916cd43dd8448eb211c80319c"), ("otel_livekit", "AJ_cc0000000002"),
                        ("vapi", "01a0b1c2-0001"), ("voiceobs", "vo-0001"), ("retell", "user_hangup")):  # fmt: skip
        texts = [json.dumps(document).replace(old, "\\ud800" + old) for document in documents(source)]
        _, lines = imported("\n".join(texts).encode())
        assert "\ufffd" in json.dumps(lines, ensure_ascii=False), (source, old)
