"""``validate`` on many machines says what it says on one: every line by its file, number and byte. No Spark here."""

from __future__ import annotations

import gzip
import json
from random import Random
from typing import TYPE_CHECKING

import pytest

from support.cluster.buckets import InProcess
from support.cluster.parity import on_many, on_one_machine
from support.example_logs.dealt_logs import Asked, write_dealt
from support.soak import SOAK
from voicetel.analyzers.core.selection import ALL_CALLS
from voicetel.cluster import validation
from voicetel.cluster.routing import line_findings, splits
from voicetel.errors import UsageError
from voicetel.pricing import load_card

if TYPE_CHECKING:
    from pathlib import Path

EVERYTHING = Asked(ALL_CALLS, load_card(None))

ODD_LINES = (
    {"agent_name": 7},
    {"eou_latency_ms": "fast", "turn": -1},
    {"operations": [{"stage": "llm", "provider": "groq", "ttft_ms": 200, "input_tokens": -4}]},
    {"user": {"txt": "Hi", "start_ms": "now"}},
    {"user": {}, "txt": "Hi"},
    {"langauge": "en", "agent": {"text": "x" * 140_000, "end_ms": True}},
    {"language": "e\u0301\u2028 {[", "eou_from": "afar"},
)
"""What is wrong with values and fields of lines that count, one of them a long one."""

OTHER_FILES = {
    "a.jsonl": b'{"call_id": "v-1",\n "transcript": []}\n',
    "b.jsonl": '{"v":1}\n{"v":1}\n'.encode("utf-16"),
    "c.jsonl": b'[{"call_id": "v-1"},\n{"call_id": "v-2"}]\n',
    "d.jsonl": b'{"call_id": "v-1", "transcript": "Hi", "cost": 2}\n' * 40,
    "e.jsonl": b"no line end at all",
    "f.jsonl.gz": gzip.compress(b"<html>\n</html>\n"),
    "g.jsonl": b"# ours, behind a line that is none\n"
    b'{"v":1,"event":"call_started","ts":"2026-11-02T09:00:00Z","call_id":"v-9"}\n',
    "h.jsonl": b"",
    "i.jsonl": b'\xef\xbb\xbf{"v":1,"event":"dance","ts":"2026-11-02T09:00:00Z","call_id":"v-9"}\n',
}
"""Files that look like no log; of all but one no line counts."""


TOO_LONG = b"x" * (8 << 20 | 1)


def write_dirty(folder: Path, random: Random, *refused: bytes) -> Path:
    """Dealt logs with odd values, misspelt fields and lines that are refused, in files of which some begin others."""
    write_dealt(folder, random)
    for path in sorted(folder.glob("part-*.jsonl")):
        lines = path.read_bytes().split(b"\n")
        for number in range(random.randint(0, 6)):
            turn = {"v": 1, "event": "turn", "ts": "2026-11-02T23:00:00Z", "call_id": f"odd-{number}"}
            line = json.dumps(turn | random.choice(ODD_LINES), ensure_ascii=False).encode()
            for _ in range(random.choice((1, 1, 2))):
                lines.insert(random.randint(1, len(lines) - 1), line)
        lines.insert(random.randint(1, len(lines) - 1), random.choice((b"{" * 900, b" \t", *refused)))
        path.write_bytes(b"\n".join(lines))
    for name, content in OTHER_FILES.items():
        if random.random() < 0.4:
            (folder / name).write_bytes(content)
    content = (folder / "part-0.jsonl").read_bytes()
    if random.random() < 0.5:  # what is wrong behind it stands in the longer file, whose name is the later one
        (folder / "0-beginning.jsonl").write_bytes(content[: content.find(b"\n", len(content) // 3) + 1])
    return folder


@pytest.mark.parametrize("seed", range(300, 340 if SOAK else 303))
def test_random_dirty_logs(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are cut into splits of a few lines, whose numbers go on from those before; findings travel some at a time."""
    random = Random(seed)
    size = random.choice((6_000, 30_000, 1 << 22))
    monkeypatch.setattr(splits, "MAX_SPLIT_BYTES", size)
    folder = write_dirty(tmp_path / "logs", random, *([TOO_LONG] if size > len(TOO_LONG) // 3 else []))
    monkeypatch.setattr(line_findings, "ROWS_AT_ONCE", random.choice((0, 3, 50_000)))
    for report in ("validate", "analyze"):
        one = on_one_machine(folder, report, EVERYTHING)
        assert on_many(InProcess(), folder, report, EVERYTHING, random.randint(1, 4)) == one, report


@pytest.mark.parametrize("name", OTHER_FILES)
def test_a_file_that_is_no_log(name: str, tmp_path: Path) -> None:
    """Alone: the same list and note, or the same error."""
    (tmp_path / name).write_bytes(OTHER_FILES[name])
    assert on_many(InProcess(), tmp_path, "validate", EVERYTHING, 1) == on_one_machine(tmp_path, "validate", EVERYTHING)


def test_all_files_that_are_no_logs_beside_one(tmp_path: Path) -> None:
    """Three are named, the others counted."""
    write_dealt(tmp_path, Random(1))
    for name, content in OTHER_FILES.items():
        (tmp_path / name).write_bytes(content)
    one = on_one_machine(tmp_path, "analyze", EVERYTHING)
    assert on_many(InProcess(), tmp_path, "analyze", EVERYTHING, 2) == one
    notes = json.loads(one)["notes"]
    assert [note.partition(" looks like ")[2][:16] for note in notes[-4:-1]] == [
        "one JSON documen",
        "UTF-16, as Power",
        "one JSON array: ",
    ]
    assert notes[-1] == "3 files more of which no line counts look like something else."


def test_a_vendors_export_is_told_though_its_lines_name_calls(tmp_path: Path) -> None:
    """The example in full: the note stands in ``analyze`` and in ``validate``."""
    write_dealt(tmp_path, Random(2))
    (tmp_path / "vendor.jsonl").write_bytes(OTHER_FILES["d.jsonl"])
    note = f"{tmp_path}/vendor.jsonl looks like JSON lines of another format, with call_id, cost, transcript:"
    for report in ("validate", "analyze"):
        notes = json.loads(on_many(InProcess(), tmp_path, report, EVERYTHING, 2))["notes"]
        assert [each for each in notes if each.startswith(note)]


def test_too_many_findings_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They would all come to the driver."""
    (tmp_path / "bad.jsonl").write_text("no json\n" * 4 + '{"v":1}\n')
    monkeypatch.setattr(validation, "MAX_FINDINGS", 5)
    assert '"refused_lines": 5' in on_many(InProcess(), tmp_path, "validate", EVERYTHING, 2)
    monkeypatch.setattr(validation, "MAX_FINDINGS", 4)
    with pytest.raises(UsageError, match="validate: 5 findings are too many to be brought together"):
        on_many(InProcess(), tmp_path, "validate", EVERYTHING, 2)


def test_only_the_first_lines_of_all_logs_are_looked_at_for_a_note(tmp_path: Path) -> None:
    """``analyze`` names a misspelt field where one of the first thousand lines has one, in the order of the files."""
    plain = '{"v":1,"event":"mark","ts":"2026-11-02T09:00:00Z","call_id":"c","kind":"hold","count":%d}\n'
    misspelt = '{"v":1,"event":"mark","ts":"2026-11-02T09:00:00Z","call_id":"c","kind":"hold","vlaue":"x"}\n'
    (tmp_path / "b.jsonl").write_text(misspelt)
    for before, is_named in ((999, True), (1000, False)):
        for name, numbers in (("a-0", range(500)), ("a-1", range(500, before))):  # some 45 kB each
            content = "not JSON\n" + "".join(plain % number for number in numbers)
            (tmp_path / f"{name}.jsonl.gz").write_bytes(gzip.compress(content.encode()))
        (tmp_path / "c.jsonl").write_text("".join(plain % number for number in range(2000, 4000)) + misspelt)
        one = on_one_machine(tmp_path, "analyze", EVERYTHING)
        assert on_many(InProcess(), tmp_path, "analyze", EVERYTHING, 3) == one
        assert ("vlaue" in one) is is_named
