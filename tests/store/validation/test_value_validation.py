"""``unknown_values`` lists the values of good lines that mean nothing, and never what they say."""

from __future__ import annotations

import dataclasses
import gzip
from typing import TYPE_CHECKING, Any

import pytest

from support.store_runs import RULES, line, write
from voicetel.store import open_store
from voicetel.store.ingest.lines.value_checks import line_findings
from voicetel.store.validation.value_validation import UnknownValue, unknown_values

if TYPE_CHECKING:
    from pathlib import Path

CASES: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    ({"turn": 1, "user": {"text": "hi", "end_ms": 5}}, []),
    ({"colour": "red"}, []),
    ({"eou_latency_ms": None}, []),
    ({"turn": "one"}, [("turn", "is a text, not a whole number")]),
    ({"turn": 1.5}, [("turn", "is a number, not a whole number")]),
    ({"seq": -1}, [("seq", "is below 0")]),
    ({"user": "hi"}, [("user", "is a text, not an object")]),
    ({"user": {"end_ms": -3}}, [("user.end_ms", "is below 0")]),
    ({"agent": {"interrupted": 1}}, [("agent.interrupted", "is a number, not true or false")]),
    ({"agent": {"interrupted_by": "ghost"}}, [("agent.interrupted_by", "is none of caller, hangup, agent, error")]),
    ({"agent": {"spans": [[2, 1]]}}, [("agent.spans", "is a list, not a list of [start, end]")]),
    ({"eou_latency_ms": float("inf")}, [("eou_latency_ms", "is not a finite number")]),
    ({"eou_latency_ms": True}, [("eou_latency_ms", "is true or false, not a number")]),
    (
        {"operations": [{"stage": "stt"}, 5, {"audio_s": -1, "cost": "much"}]},
        [
            ("operations[1]", "is not an object"),
            ("operations[2].stage", "is missing"),
            ("operations[2].audio_s", "is below 0"),
            ("operations[2].cost", "is a text, not a number written as a text"),
            ("operations[2].currency", "is missing, so that the cost counts for nothing"),
        ],
    ),
]


@pytest.mark.parametrize("packed", [False, True])
def test_problems_by_file_line_and_field(tmp_path: Path, packed: bool) -> None:
    """Each case is a line between lines that do not count; those are not listed again."""
    lines = [part for fields, _ in CASES for part in (b"{\n", line("turn", **fields), b"\n")]
    log = write(tmp_path / "a.jsonl", lines)
    if packed:
        log = tmp_path / "a.jsonl.gz"
        log.write_bytes(gzip.compress(b"".join(lines)))
    expected = [
        UnknownValue(str(log), 3 * number + 2, field, reason)
        for number, (_, found) in enumerate(CASES)
        for field, reason in found
    ]
    with open_store([str(log)], RULES, cache=False) as store:
        found = list(unknown_values(store))
    assert sorted(found, key=dataclasses.astuple) == sorted(expected, key=dataclasses.astuple)


def test_a_line_that_changed_is_left_out_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where log streams are not numbered as their files are named: ``b`` was read first."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "logs"
    folder.mkdir()
    write(folder / "b.jsonl", [line("turn", turn="one")])
    with open_store([str(folder)], RULES):
        pass
    added = write(folder / "a.jsonl", [line("turn", turn="two"), line("turn", turn="ten")])
    with open_store([str(folder)], RULES) as store:
        added.write_bytes(added.read_bytes().replace(b"two", b"six"))
        found = [(each.path, each.line) for each in unknown_values(store)]
    assert found == [(str(added), 2), (str(folder / "b.jsonl"), 1)]


def test_bounds_of_a_call_ended(tmp_path: Path) -> None:
    """Above, below, and the bounds themselves."""
    lines = [
        line("call_ended", sip_status=99, sentiment=1, outcome_confidence=1.5),
        line("call_ended", sip_status=699, sentiment=-1.5, tags={"a": 1}),
    ]
    with open_store([str(write(tmp_path / "a.jsonl", lines))], RULES, cache=False) as store:
        found = [(each.line, each.field, each.reason) for each in unknown_values(store)]
    assert found == [
        (1, "sip_status", "is below 100"),
        (1, "outcome_confidence", "is above 1"),
        (2, "sentiment", "is below -1"),
        (2, "tags", "is an object, not an object of texts"),
    ]


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ({"cost": "0.5"}, ("currency", "is missing, so that the cost counts for nothing")),
        ({"cost": "0.5", "currency": "USD"}, None),
        ({"cost": "99999.99", "currency": "USD"}, None),
        ({"cost": "100000", "currency": "USD"}, ("cost", "is 100,000 or more")),
        ({"cost": "-0.1", "currency": "USD"}, ("cost", "is below 0")),
        ({"input_tokens": 1_500_000_000}, ("input_tokens", "is 1,000,000,000 or more")),
        ({"input_tokens": 999_999_999}, None),
        ({"input_tokens": True}, ("input_tokens", "is true or false, not a number")),
    ],
)
def test_what_the_reader_takes_for_unknown_is_told(
    operation: dict[str, object], expected: tuple[str, str] | None
) -> None:
    """An amount or a quantity that does not count, and a cost in no currency."""
    found = list(line_findings(line("usage", operations=[{"stage": "llm", **operation}])))
    assert found == ([(f"operations[0].{expected[0]}", expected[1])] if expected else [])
