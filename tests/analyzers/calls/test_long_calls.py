"""Calls with more turns than anybody reads: which of them are shown, and that the others change no figure."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from support.command import run
from support.logs import store_of, write_log
from voicetel.analyzers.calls.calls import calls
from voicetel.analyzers.conversation.conversation import conversation, conversations
from voicetel.analyzers.conversation.results import Excerpt
from voicetel.analyzers.conversation.turn_range import (
    MAX_MARKS_AND_TURNLESS_OPERATIONS,
    USUAL,
    TurnRange,
    max_turns_per_call,
    parse_turns,
)
from voicetel.errors import UsageError
from voicetel.pricing import parse_card

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Event = dict[str, Any]

BEGIN = datetime(2026, 11, 2, 9)  # noqa: DTZ001  written as UTC
CARD = parse_card(
    'currency = "USD"\n[stt.deepgram]\nusd_per_call = 0.01\nusd_per_hour = 0.7\n[llm.groq]\nusd_per_1m_input_tokens = 0.07\n',
    source="card",
)


def event(what: str, seconds: float, **fields: Any) -> Event:
    """A line of the call ``long``."""
    ts = (BEGIN + timedelta(seconds=seconds)).isoformat(timespec="milliseconds")
    return {"v": 1, "event": what, "ts": f"{ts}Z", "call_id": "long", **fields}


def long_call(turns: int, slowest: int) -> Iterator[Event]:
    """A turn each 8 s, a mark 4 s after each, and the ``slowest`` turn takes 9 s."""
    yield event("call_started", 0, agent_name="clinic")
    for number in range(1, turns + 1):
        ms = 9000 if number == slowest else 700
        yield event(
            "turn",
            8 * number,
            turn=number,
            user={"text": f"question {number}", "start_ms": 0, "end_ms": 1000},
            agent={"text": f"answer {number}", "start_ms": 1000 + ms, "end_ms": 2000 + ms},
            operations=[
                {"stage": "stt", "provider": "deepgram", "model": "nova-3", "start_ms": 1000, "audio_s": 1.1},
                {"stage": "llm", "provider": "groq", "model": "llama", "start_ms": 1100, "input_tokens": number},
            ],
            eou_latency_ms=ms,
        )
        yield event("mark", 8 * number + 4, kind="dtmf", value=str(number))
    yield event("call_ended", 8 * turns + 8, duration_s=8 * turns + 8)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, USUAL),
        ("8", TurnRange(8, 1)),
        (" 501 - 1000 ", TurnRange(501, 500)),
        ("501–1000", TurnRange(501, 500)),
        ("501-", TurnRange(501, 1000)),
        ("1-5000", TurnRange(1, 5000)),
    ],
)
def test_a_range_is_written_in_three_ways(text: str | None, expected: TurnRange) -> None:
    """One turn, from one to another, and from one on."""
    assert parse_turns(text) == expected


@pytest.mark.parametrize("text", ["", "0", "0-5", "9-8", "-5", "a-b", "1-5001", "1,5", "1-2-3", "1" * 20])
def test_what_is_no_range_is_refused(text: str) -> None:
    """In a sentence."""
    with pytest.raises(UsageError):
        parse_turns(text)


@pytest.mark.parametrize(
    ("counts", "total", "expected"),
    [
        ([5, 6], 100, 50),  # nobody has more than there is room for
        ([10, 100, 100], 100, 45),  # 10, and 45 of each of the others
        ([500], 100, 50),
        ([90, 90, 90], 2, 1),
        ([], 100, 50),
    ],
)
def test_long_calls_share_what_short_ones_leave(counts: list[int], total: int, expected: int) -> None:
    """No call more than 50, and at least one turn."""
    assert max_turns_per_call(counts, total, 50) == expected


def test_some_turns_are_those_of_the_whole_call(tmp_path: Path) -> None:
    """To the last digit of what each operation cost, with the marks between them: of 12 turns the 4th to the 6th."""
    with store_of(tmp_path, long_call(12, slowest=9)) as store:
        whole = conversation(store, CARD, "long")
        part = conversation(store, CARD, "long", turn_range=TurnRange(4, 3))
        last = conversation(store, CARD, "long", turn_range=TurnRange(12, 1))
        everything = conversation(store, CARD, "long", turn_range=TurnRange(1, 12))
    assert whole.excerpt is None
    assert everything == whole
    assert part.turns == whole.turns[3:6]
    assert part.turns[0].user is not None
    assert part.turns[0].user.text == "question 4"
    assert (part.call, part.currency, part.operations) == (whole.call, whole.currency, whole.operations)
    assert [mark.value for mark in part.marks] == ["4", "5", "6"]
    assert part.excerpt == Excerpt(4, 6, 12, 9, 9, 0)
    assert [mark.value for mark in last.marks] == ["12"]
    assert last.turns == whole.turns[11:]
    # The fee of the call is the first turn's: 0.01 and 1.1 s of 0.7 an hour.
    first = whole.turns[0].operations[0].cost
    assert first is not None
    assert abs(Fraction(first) - Fraction(1, 100) - Fraction(11, 10) * Fraction(7, 36000)) < Fraction(1, 10**23)


def test_a_range_beyond_the_call_is_one_line(tmp_path: Path) -> None:
    """With the number of turns that there are."""
    write_log(tmp_path / "calls.jsonl", long_call(12, slowest=9))
    for asked in ("13", "13-20"):
        beyond = run("call", "long", tmp_path, "--no-cache", "--turns", asked)
        assert (beyond.code, beyond.out) == (2, "")
        assert beyond.err == "error: the call has no turn 13, counted from 1; the last is 12\n"
    no_range = run("call", "long", tmp_path, "--no-cache", "--turns", "x")
    assert (no_range.code, no_range.err.count("\n")) == (2, 1)


def test_what_is_left_out_is_said_in_every_format(tmp_path: Path) -> None:
    """How many turns, how others are asked for, and where the slowest is."""
    write_log(tmp_path / "calls.jsonl", long_call(12, slowest=9))
    asked = ("call", "long", tmp_path, "--no-cache", "--turns", "4-6")
    said = "Turns 4 to 6 of 12, counted from 1; {}--turns 7-12 shows others. The slowest response is in turn 9. Marks that are left out: 9."
    table = run(*asked).out
    assert said.format("") in table
    assert "question 6" in table
    assert "question 7" not in table
    assert said.format("") in run(*asked, "-f", "md").out.replace("\\", "")
    assert said.format("voicetel call ") in run(*asked, "-f", "html").out
    assert "Реплики с 4 по 6 из 12" in run(*asked, "-f", "html", "--lang", "ru").out
    assert run(*asked, "--json").json["excerpt"]["turns"] == 12
    assert "Turns 10 to 12 of 12, counted from 1; --turns 1-9 shows" in run(*asked[:-1], "10-").out
    assert "excerpt" not in run("call", "long", tmp_path, "--no-cache", "--json").json


def test_several_calls_are_shown_around_their_slowest_turns(tmp_path: Path) -> None:
    """Of 20 turns four around the 15th; a call of four is there as a whole, in the order that was asked for."""
    short = [line | {"call_id": "short"} for line in long_call(4, slowest=1)]
    early = [line | {"call_id": "early"} for line in long_call(20, slowest=1)]
    with store_of(tmp_path, [*long_call(20, slowest=15), *short, *early]) as store:
        rows = sorted(calls(store, CARD).to_pylist(), key=lambda row: str(row["call_id"]), reverse=True)
        found = conversations(store, CARD, rows, with_text=True, turn_range=TurnRange(max_turns=4, around_slowest=True))
    assert [each.call["call_id"] for each in found] == ["short", "long", "early"]
    assert [[turn.turn for turn in each.turns] for each in found] == [[1, 2, 3, 4], [13, 14, 15, 16], [1, 2, 3, 4]]
    assert [each.excerpt and each.excerpt.slowest_turn for each in found] == [None, 15, 1]
    assert all(turn.user and turn.user.text for each in found for turn in each.turns)


def test_more_marks_and_usage_than_anybody_reads_are_counted(tmp_path: Path) -> None:
    """A call of one turn with 1,003 keys pressed and 1,002 lines of usage: what they cost is in the sum all the same."""
    keys = [
        event("mark", 20 + number / 100, kind="dtmf", value="1")
        for number in range(MAX_MARKS_AND_TURNLESS_OPERATIONS + 3)
    ]
    used = {"stage": "llm", "provider": "groq", "model": "llama", "input_tokens": 1_000_000}
    usage = [
        event("usage", 40 + number / 100, operations=[used]) for number in range(MAX_MARKS_AND_TURNLESS_OPERATIONS + 2)
    ]
    with store_of(tmp_path, [event("turn", 1, turn=1, user={}, agent={}), *keys, *usage]) as store:
        found = conversation(store, CARD, "long")
    assert (len(found.turns), len(found.marks), len(found.operations)) == (
        1,
        MAX_MARKS_AND_TURNLESS_OPERATIONS,
        MAX_MARKS_AND_TURNLESS_OPERATIONS,
    )
    assert found.excerpt == Excerpt(1, 1, 1, None, 3, 2)
    assert found.call["cost_total"] == Fraction(7, 100) * (MAX_MARKS_AND_TURNLESS_OPERATIONS + 2)


def test_the_slowest_turn_is_known_where_only_marks_are_left_out(tmp_path: Path) -> None:
    """The first of two, of five turns that are all there; the answers to nobody have no response."""
    keys = [
        event("mark", 20 + number / 100, kind="dtmf", value="1")
        for number in range(MAX_MARKS_AND_TURNLESS_OPERATIONS + 3)
    ]
    responses: list[int | None] = [None, 700, 900, None, 900]
    turns = [
        event("turn", number, turn=number, user={}, agent={}, **({} if ms is None else {"eou_latency_ms": ms}))
        for number, ms in enumerate(responses, 1)
    ]
    with store_of(tmp_path, [*turns, *keys]) as store:
        found = conversation(store, CARD, "long")
    assert found.excerpt == Excerpt(1, 5, 5, 3, 3, 0)


_RUN_AND_MEASURE = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stderr=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
"""By a process of its own: what a process began with counts among its peak, and that is as much as who started it had."""


def test_a_call_of_twenty_thousand_turns_takes_little_memory_and_room(tmp_path: Path) -> None:
    """Each command under 700 MB; the JSON has the first 1,000 turns, the report the 200 around the slowest."""
    log = tmp_path / "logs" / "calls.jsonl"
    write_log(log, long_call(20_000, slowest=15_000))
    asked = {
        "call.json": ("call", "long", "--json"),
        "call.html": ("call", "long", "--with-text"),
        "call.txt": ("call", "long", "--format", "table"),
        "report.html": ("report",),
    }
    for name, (command, *options) in asked.items():
        voicetel = [sys.executable, "-m", "voicetel", command, *options, str(log.parent), "-o", str(tmp_path / name)]
        done = subprocess.run(
            [sys.executable, "-c", _RUN_AND_MEASURE, *voicetel],
            stdout=subprocess.PIPE,
            check=True,
            env={**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")},
        )
        assert int(done.stdout) / 1024 <= 700, name
    document = json.loads((tmp_path / "call.json").read_text("utf-8"))
    assert [turn["turn"] for turn in document["turns"]] == list(range(1, 1001))
    assert document["call"]["turns"] == document["excerpt"]["turns"] == 20_000
    assert (tmp_path / "call.html").stat().st_size <= 3_000_000
    report = (tmp_path / "report.html").read_text("utf-8")
    assert len(report) <= 2_000_000
    assert "Turns 14,900 to 15,099 of 20,000" in report
