"""Every line that counts goes to the bucket of its call, however it is written."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from voicetel.analyzers.core.selection import ALL_CALLS
from voicetel.cluster.job import Job
from voicetel.cluster.packed_tables import AGGREGATES, decode, unpack_batches
from voicetel.cluster.packed_tables import LINES as LINES_KIND
from voicetel.cluster.routing.id_hashes import buckets_of, hash_texts
from voicetel.cluster.routing.leading_ids import leading_ids
from voicetel.cluster.routing.route import route, unpack_lines
from voicetel.cluster.routing.splits import list_splits
from voicetel.outcomes import load_rules
from voicetel.pricing import load_card
from voicetel.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

TS = '"ts":"2026-11-02T09:00:00Z"'

LINES = {
    "plain": f'{{"v":1,"event":"call_started",{TS},"call_id":"c-1"}}',
    "first": f'{{"call_id":"c-1","v":1,"event":"call_started",{TS}}}',
    "behind writer and seq": f'{{"writer":"w","seq":3,"v":1,"event":"call_started",{TS},"call_id":"c-1"}}',
    "blanks": f' \t{{ "v" : 1 , "event" : "call_started" , {TS} , "call_id" : "c-1" , "language" : "en" }} ',
    "behind another field": f'{{"v":1,"language":"en","event":"call_started",{TS},"call_id":"c-1"}}',
    "behind an object that has one": f'{{"tags":{{"call_id":"c-2"}},"v":1,"event":"call_started",{TS},"call_id":"c-1"}}',
    "in a text": f'{{"language":"\\"call_id\\":\\"c-2\\"","v":1,"event":"call_started",{TS},"call_id":"c-1"}}',
    "escaped": f'{{"v":1,"event":"call_started",{TS},"call_id":"\\u0063-1"}}',
    "escaped key": f'{{"v":1,"event":"call_started",{TS},"call\\u005fid":"c-1"}}',
    "twice": f'{{"v":1,"event":"call_started",{TS},"call_id":"c-1","call_id":"c-2"}}',
    "an escape behind": f'{{"v":1,"event":"call_started",{TS},"call_id":"c-1","agent_name":"\\""}}',
    "a v that is a text": f'{{"v":"1","event":"call_started",{TS},"call_id":"c-1"}}',
}
"""Ways to write a line of the call c-1, if it counts."""


BEGINNINGS = {
    "an id of 63 characters": f'{{"v":1,"event":"call_started",{TS},"call_id":"{"x" * 63}"}}',
    "an id of 64 characters": f'{{"v":1,"event":"call_started",{TS},"call_id":"{"x" * 64}"}}',
    "an id of other letters": f'{{"v":1,"event":"call_started",{TS},"call_id":"Звонок-1"}}',
    "an event of a long name": f'{{"v":1,"event":"{"dance" * 4}",{TS},"call_id":"c-1"}}',
    "a long ts": f'{{"v":1,"event":"call_started","ts":"2026-11-02T09:00:00Z{" " * 30}","call_id":"c-1"}}',
    "no id": f'{{"v":1,"event":"call_started",{TS},"call_id":""}}',
    "torn in the event": '{"v":1,"event":"ca',
    "torn in the id": f'{{"v":1,"event":"call_started",{TS},"call_id":"c-',
    "an escape in the id": f'{{"v":1,"event":"call_started",{TS},"call_id":"c\\u002d1"}}',
}
"""What begins as a recorder's line, or nearly."""


@pytest.mark.parametrize("name", LINES)
def test_goes_to_its_call(tmp_path: Path, name: str) -> None:
    """To the bucket of a thousand that the call's other lines are in; what does not count may go anywhere."""
    plain = f'{{"v":1,"event":"mark",{TS},"call_id":"c-1","kind":"hold"}}'
    (tmp_path / "a.jsonl").write_text(f"{LINES[name]}\n{plain}\n")
    job = Job("analyze", ALL_CALLS, load_card(None), load_rules(), 1000)
    found = {
        bytes(line): blob.bucket
        for blob in route(list_splits([str(tmp_path)]).splits, job)
        for line in bytes(unpack_lines(blob.content)).splitlines()
    }
    assert set(found) == {LINES[name].encode(), plain.encode()}
    with open_store([str(tmp_path)], load_rules(), cache=False) as store:
        calls = [call_id for (call_id,) in store.connection.execute("SELECT call_id FROM events").fetchall()]
    assert set(calls) == {"c-1"}
    if len(calls) == 2:
        assert len(set(found.values())) == 1
    assert json.loads(LINES[name])


def test_beginnings_of_recorders_say_what_a_search_says(tmp_path: Path) -> None:
    """An id that is taken from where recorders write it leads to the bucket that route.sql, which searches each line, says."""
    named = LINES | {f"{name}, with blanks": line.replace(",", ", ") for name, line in LINES.items()} | BEGINNINGS
    lines = [*dict.fromkeys(named.values()), "x" * 300]
    found, ids = leading_ids(pa.array([f"{line}\n".encode() for line in lines], pa.large_binary()))
    texts = [bytes(each).rstrip(b"\0").decode() for each in ids]
    taken = {lines[nth]: each for nth, each in zip(found.tolist(), texts, strict=True)}
    assert {name: taken[line] for name, line in named.items() if line in taken} == {
        "plain": "c-1",
        "twice": "c-1",
        "an id of 63 characters": "x" * 63,
        "an id of other letters": "Звонок-1",
        "an escape behind": "c-1",
    }
    (tmp_path / "a.jsonl").write_text("".join(f"{line}\n" for line in lines))
    job = Job("calls", ALL_CALLS, load_card(None), load_rules(), 1_000_000)
    routed = {
        bytes(line).decode(): blob.bucket
        for blob in route(list_splits([str(tmp_path)]).splits, job)
        for line in bytes(unpack_lines(blob.content)).splitlines()
    }
    with duckdb.connect() as connection:
        connection.register(
            "lines_to_route", pa.table({"nth": range(len(lines)), "text": [f"{each}\n" for each in lines]})
        )
        sql = files("voicetel.cluster.routing").joinpath("route.sql").read_text("utf-8")
        expected = connection.execute(sql).fetchall()
    hashes = hash_texts(pa.array([call_id.encode() for _, call_id in expected], pa.large_binary()))
    buckets = buckets_of(hashes, 1_000_000).tolist()
    assert routed == {lines[nth]: bucket for (nth, _), bucket in zip(expected, buckets, strict=True)}


def test_hashes_of_ids() -> None:
    """Of many ids alike they are far apart, those of long ones too; buckets are filled evenly. What they are is the same everywhere."""
    ids = [f"call-{n:06}" for n in range(50_000)] + ["x" * 63 + str(n) for n in range(100)]
    hashes = hash_texts(pa.array([each.encode() for each in ids], pa.large_binary()))
    assert len(set(hashes.tolist())) == len(ids)
    for buckets in (2, 3, 7, 400, 2048):
        counts = np.bincount(buckets_of(hashes, buckets), minlength=buckets)
        mean = len(ids) / buckets
        assert abs(counts - mean).max() < 6 * mean**0.5
    assert hash_texts(pa.array([b"", b"c-1", b"x" * 64], pa.binary())).tolist() == [0, 2159069871537295822, 986885138]


def test_lines_of_many_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each line is routed once, whatever pieces they are read in; a line of more bytes than count is counted, once."""
    monkeypatch.setattr("voicetel.cluster.routing.route.PIECE_BYTES", 1 << 20)
    lines = [f'{{"v":1,"event":"mark",{TS},"call_id":"c-{n}","kind":"{"x" * (n * n % 40_000)}"}}' for n in range(600)]
    lines.insert(300, "y" * (9 << 20))
    (tmp_path / "a.jsonl").write_text("\ufeff" + "".join(f"{line}\n" for line in lines), "utf-8")
    job = Job("analyze", ALL_CALLS, load_card(None), load_rules(), 3)
    blobs = list(route(list_splits([str(tmp_path)]).splits, job))
    routed = [bytes(unpack_lines(blob.content)).decode() for blob in blobs if blob.kind == LINES_KIND]
    assert len(routed) > 3 * 3
    assert sorted(line for each in routed for line in each.splitlines()) == sorted(lines[:300] + lines[301:])
    ((aggregates,),) = [decode(blob.content).values() for blob in blobs if blob.kind == AGGREGATES]
    assert unpack_batches(aggregates.rows).to_pylist() == [{"lines": 1}]
