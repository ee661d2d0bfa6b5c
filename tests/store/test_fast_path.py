"""The typed reader against the exact rules: whatever a line holds, alone or among others, both give the same row or refusal."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import duckdb
import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from support.soak import SOAK
from support.store_runs import RULES
from voicetel.store import open_store
from voicetel.store.ingest.lines import line_reader
from voicetel.store.ingest.lines.numbers import doubles, scaled, whole
from voicetel.store.ingest.lines.text_hashes import text_hashes
from voicetel.store.ingest.lines.timestamps import recorder_timestamps
from voicetel.store.ingest.lines.value_checks import line_findings
from voicetel.store.segments.arrays import MISSING, distinct, group_rows

if TYPE_CHECKING:
    import pytest

CORPUS = [
    base64.b64decode(case["base64"]) if "base64" in case else case["line"].encode()
    for case in map(
        json.loads, (Path(__file__).parent.parent / "corpus" / "lines.jsonl").read_text("utf-8").splitlines()
    )
]
GOOD = json.dumps(
    {
        "v": 1, "event": "turn", "ts": "2026-11-02T09:00:03.120Z", "call_id": "c-1", "writer": "w", "seq": 1, "turn": 1,
        "state_id": "ask_day", "user": {"text": "Hi.", "start_ms": 0, "end_ms": 1840},
        "agent": {"text": "Yes?", "start_ms": 2715, "end_ms": 4630, "spans": [[2715, 3000], [3100, 4630]], "interrupted": False},
        "operations": [
            {"stage": "tts", "provider": "cartesia", "start_ms": 2420, "ttfb_ms": 131, "characters": 31, "audio_s": 1.9},
            {"stage": "stt", "provider": "deepgram", "model": "nova-3", "start_ms": 1840, "ttfb_ms": 170, "audio_s": 2.1},
            {"stage": "llm", "model": "llama-3.1-8b-instant", "status": "cancelled", "cost": "0.01", "currency": "usd"},
        ],
        "eou_latency_ms": 875, "tags": {"room": "r-1"},
    },
    separators=(",", ":"),
).encode()  # fmt: skip
BYTES = list(b'{}[],:"\\ \t\r0123456789-+.eEtfnuaINZ\x00\xff\xc3\xa9')


def rows(folder: Path) -> dict[str, list[str]]:
    """Every row of every relation."""
    with open_store([str(folder)], RULES, cache=False) as store:
        queries = {name: f"SELECT * EXCLUDE (row) FROM stored_{name}" for name in ("usage", "quarantine")}
        queries["events"] = "SELECT * EXCLUDE (row, unknown_values_line) FROM stored_events"
        queries["operations"] = (
            "SELECT byte_offset, operation.* EXCLUDE (row, event_row) FROM stored_operations AS operation JOIN stored_events AS event"
            " ON event.segment = operation.segment AND event.row = event_row"
        )
        return {name: sorted(map(repr, store.connection.execute(sql).fetchall())) for name, sql in queries.items()}


def by_exact_rules(folder: Path) -> dict[str, list[str]]:
    """The same of a reader whose fast path takes nothing."""

    def nothing(typed: Any, timestamps: object) -> tuple[Any, Any]:
        del timestamps
        return np.zeros(len(typed), np.bool_), typed

    with mock.patch.object(line_reader, "check_fast_path", nothing):
        return rows(folder)


def test_every_line_of_the_corpus(tmp_path: Path) -> None:
    """All of them in one file, and good ones between."""
    with (tmp_path / "a.jsonl").open("wb") as file:
        for case in CORPUS:
            file.write(GOOD + b"\n" + case + b"\n")
    assert rows(tmp_path) == by_exact_rules(tmp_path)


def _mutated(draw: st.DrawFn) -> bytes:
    line = bytearray(draw(st.sampled_from([GOOD, *(case for case in CORPUS if len(case) < 2000)])))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(line)))
        match draw(st.sampled_from(["replace", "insert", "delete", "repeat"])):
            case "replace":
                line[at : at + 1] = bytes([draw(st.sampled_from(BYTES))])
            case "insert":
                line[at:at] = bytes([draw(st.sampled_from(BYTES))])
            case "delete":
                del line[at : at + draw(st.integers(1, 12))]
            case _:
                line[at:at] = line[at : at + draw(st.integers(1, 30))]
    return bytes(line).replace(b"\n", b"")


@settings(max_examples=400 if SOAK else 12)
@given(lines=st.lists(st.composite(_mutated)(), min_size=20, max_size=60))
def test_lines_with_bytes_changed(lines: list[bytes], tmp_path_factory: pytest.TempPathFactory) -> None:
    """Good and odd lines of which a few bytes are changed, repeated or gone."""
    folder = tmp_path_factory.mktemp("lines")
    (folder / "a.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    assert rows(folder) == by_exact_rules(folder)


@settings(max_examples=200 if SOAK else 10)
@given(lines=st.lists(st.composite(_mutated)(), min_size=20, max_size=60))
def test_a_line_of_the_fast_path_has_nothing_to_say(
    lines: list[bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """``validate`` looks at no other lines again."""
    folder = tmp_path_factory.mktemp("lines")
    lines = [line for line in lines if line.strip(b" \t\r\v\f")]
    (folder / "a.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    with open_store([str(folder)], RULES, cache=False) as store:
        accepted = store.connection.execute(
            "SELECT byte_offset FROM stored_events WHERE unknown_values_line IS NULL"
        ).fetchall()
    content = (folder / "a.jsonl").read_bytes()
    for (offset,) in accepted:
        line = content[offset:].partition(b"\n")[0]
        assert line_findings(line.removeprefix(b"\xef\xbb\xbf")) == []


@settings(max_examples=1000 if SOAK else 50)
@given(numbers=st.lists(st.one_of(st.floats(), st.integers(-(10**12), 10**12).map(lambda n: n / 2000)), min_size=1))
def test_numbers_are_rounded_as_duckdb_casts_them(numbers: list[float]) -> None:
    """DOUBLE to DECIMAL, and to whole numbers."""
    array = pa.array(numbers, pa.float64())
    with duckdb.connect() as connection:
        connection.register("given", pa.table({"x": array, "nth": range(len(numbers))}))
        for places, digits in ((3, 16), (3, 12), (6, 15), (6, 9)):
            cast = connection.execute(f"SELECT TRY_CAST(x AS DECIMAL({digits},{places})) FROM given ORDER BY nth")
            expected = [MISSING if each is None else int(each.scaleb(places)) for (each,) in cast.fetchall()]
            assert scaled(doubles(array), places, digits).tolist() == expected
        cast = connection.execute(
            "SELECT CASE WHEN x = floor(x) AND abs(x) < 9007199254740992 THEN TRY_CAST(x AS BIGINT) END FROM given ORDER BY nth"
        )
        assert whole(doubles(array)).tolist() == [MISSING if each is None else each for (each,) in cast.fetchall()]


TIMES = st.one_of(
    st.datetimes().map(lambda time: f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03}Z".rjust(24, "0")),
    st.from_regex(
        r"[12][0-9]{3}-[0-9]{2}-[0-3][0-9][T ][0-2][0-9]:[0-6][0-9]:[0-6][0-9]\.[0-9]{3}[Zz]", fullmatch=True
    ),
    st.text(max_size=30),
    st.none(),
)


@settings(max_examples=500 if SOAK else 50)
@given(texts=st.lists(TIMES, min_size=1, max_size=50))
def test_usual_times_are_those_that_duckdb_parses(texts: list[str | None]) -> None:
    """A text in the recorder's form is read as strptime reads it; nothing that strptime refuses is a time."""
    with duckdb.connect() as connection:
        connection.register("given", pa.table({"t": pa.array(texts, pa.string()), "nth": range(len(texts))}))
        expected = connection.execute(
            "SELECT epoch_us(try_strptime(t, '%Y-%m-%dT%H:%M:%S.%gZ')), length(t) FROM given ORDER BY nth"
        ).fetchall()
    for found, (us, length) in zip(recorder_timestamps(pa.array(texts, pa.string())).tolist(), expected, strict=True):
        assert found in ({MISSING, us} if length == 24 else {MISSING})
    assert recorder_timestamps(pa.array(["2026-11-02T09:00:03.120Z"])).tolist() == [1_793_610_003_120_000]


@settings(max_examples=500 if SOAK else 50)
@given(texts=st.lists(st.one_of(st.none(), st.text(max_size=40)), min_size=1))
def test_texts_have_one_hash_if_they_are_the_same(texts: list[str | None]) -> None:
    """Texts of every length, empty ones and none."""
    hashes = text_hashes(pa.array(texts, pa.string())).tolist()
    assert len(dict(zip(texts, hashes, strict=True))) == len(set(hashes))


def test_rows_are_grouped_by_the_combination_of_their_values() -> None:
    """Groups are numbered as they come, no value is a value of its own, and keys that no 64 bits hold together are kept apart."""
    number, first = distinct(pa.array(["stt", None, "llm", "", None, "stt"], pa.string()))
    assert (number.tolist(), first.tolist()) == ([0, 1, 2, 3, 1, 0], [0, 1, 2, 3])
    assert [each.tolist() for each in distinct(pa.array([], pa.string()))] == [[], []]
    first, group = group_rows([np.array([7, 7, 9, 7]), np.array([-1, 5, -1, -1])])
    assert (first.tolist(), group.tolist()) == ([0, 1, 2], [0, 1, 2, 0])
    far = 1 << 61
    first, group = group_rows([np.array([0, far, 0, far]), np.array([far, 0, 0, 0]), np.array([0, far, far, far])])
    assert (first.tolist(), group.tolist()) == ([0, 1, 2], [0, 1, 2, 1])


@settings(max_examples=500 if SOAK else 50)
@given(names=st.lists(st.lists(st.one_of(st.none(), st.sampled_from("ab"), st.text()), min_size=3, max_size=3)))
def test_equal_names_are_in_one_group(names: list[list[str | None]]) -> None:
    """Those of each group are equal, and the first stands where the group says."""
    columns = [pa.array([each[nth] for each in names], pa.string()) for nth in range(3)]
    first, group = group_rows([distinct(each)[0] for each in columns])
    assert [names[first[number]] for number in group.tolist()] == names
    assert len(first) == len(set(map(tuple, names)))
