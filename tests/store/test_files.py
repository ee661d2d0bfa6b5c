"""Which files are read, and that one content counts once under whatever names and wrappings."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from support.store_runs import RULES, cold, line, rows, run, write
from voicetel.errors import NoDataError
from voicetel.store import open_store
from voicetel.store.ingest import compression, fingerprints, loading, open_log, planning
from voicetel.store.ingest.chunks import builder, stream_reader

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TURNS = "SELECT count(*) FROM turns"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """A directory for logs."""
    directory = tmp_path / "logs"
    directory.mkdir()
    return directory


def turns(begin: int, end: int) -> list[bytes]:
    """Lines of turns with these numbers."""
    return [line("turn", turn=number, writer="w", seq=number) for number in range(begin, end)]


def count(*paths: Path, cache: bool = True) -> int:
    """How many turns count."""
    return int(rows(TURNS, *paths, cache=cache)[0][0])


def test_a_path_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    """One line that says which, and what to name instead."""
    with pytest.raises(NoDataError, match="nowhere: no such file"):
        run(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "name", ["a[1].jsonl", "a*.jsonl", "a?.jsonl", "a\nb.jsonl", "a'b;--.jsonl", "a b.jsonl", "ж.jsonl", "a{1}.jsonl"]
)
def test_any_name_is_just_a_name(logs: Path, name: str) -> None:
    """Characters that mean something to globs, shells or SQL are read as they are."""
    write(logs / name, turns(0, 2))
    write(logs / "a1.jsonl", turns(2, 3))
    assert count(logs) == 3
    assert count(logs / name) == 2


def test_a_name_that_is_not_utf8(logs: Path) -> None:
    """It is read, and its quarantined_lines name it."""
    name = os.fsdecode(b"caf\xe9.jsonl")
    write(logs / name, [*turns(0, 2), b"{\n"])
    said = run(logs)
    assert [line[0] for line in said.quarantined_lines] == [str(logs / name)]
    assert count(logs) == 2
    assert run(logs) == said


def test_only_logs_are_read_from_a_directory(logs: Path) -> None:
    """Rotated and packed logs of every level are; hidden files, notes and other data are not."""
    (logs / "deep" / "er").mkdir(parents=True)
    (logs / ".hidden").mkdir()
    for number, name in enumerate(("a.jsonl", "a.ndjson", "a.jsonl.1", "a.jsonl-20261102", "deep/er/a.jsonl")):
        write(logs / name, turns(number, number + 1))
    for name in ("notes.txt", "a.json", ".a.jsonl", ".hidden/a.jsonl", "a.jsonlx"):
        write(logs / name, turns(90, 99))
    assert count(logs) == 5
    assert count(logs / "notes.txt") == 9


def test_what_cannot_hold_a_log_is_passed_over_with_a_warning(logs: Path) -> None:
    """A pipe, a loop of links, a link to nowhere and a directory linked into itself stop nothing."""
    write(logs / "a.jsonl", turns(0, 2))
    os.mkfifo(logs / "pipe.jsonl")
    (logs / "loop.jsonl").symlink_to(logs / "loop.jsonl")
    (logs / "gone.jsonl").symlink_to(logs / "nowhere.jsonl")
    (logs / "again").symlink_to(logs)
    said = run(logs)
    assert count(logs) == 2
    assert sorted(warning.split(": skipped")[0].removeprefix(f"{logs}/") for warning in said.warnings) == [
        "again",
        "gone.jsonl",
        "loop.jsonl",
        "pipe.jsonl",
    ]


def test_links_and_hard_links_are_the_file_they_lead_to(logs: Path) -> None:
    """However many ways lead to it, a file counts once."""
    write(logs / "a.jsonl", turns(0, 2))
    (logs / "b.jsonl").symlink_to(logs / "a.jsonl")
    (logs / "c.jsonl").hardlink_to(logs / "a.jsonl")
    assert count(logs) == 2
    assert count(logs, logs, logs / "b.jsonl") == 2


def test_a_rotation_reads_nothing_twice(logs: Path) -> None:
    """The old file under its new name is the content that was read; the new file is another."""
    log = write(logs / "a.jsonl", turns(0, 3))
    assert count(logs) == 3
    log.rename(logs / "a.jsonl.1")
    write(log, turns(3, 5))
    assert count(logs) == 5
    packed = gzip.compress((logs / "a.jsonl.1").read_bytes())
    (logs / "a.jsonl.1.gz").write_bytes(packed)
    assert count(logs) == 5
    (logs / "a.jsonl.1").unlink()
    assert count(logs) == 5
    (logs / "a.jsonl.1.gz").unlink()
    assert count(logs) == 2


def test_lines_without_a_key_of_their_own_count_once_too(logs: Path) -> None:
    """Byte-identical lines without writer and seq are one event, in one file as in two."""
    same = line("turn", turn=1)
    write(logs / "a.jsonl", [same, same])
    write(logs / "b.jsonl", [line("turn", turn=2), same])
    assert count(logs) == 2


def test_a_copy_of_the_beginning_is_no_content_of_its_own(logs: Path) -> None:
    """A copy that was taken while the log grew is a beginning of it, and stays it as the log goes on."""
    log = write(logs / "a.jsonl", turns(0, 2))
    shutil.copyfile(log, logs / "copy.jsonl")
    assert count(logs) == 2
    write(log, turns(0, 5))
    assert count(logs) == 5
    log.unlink()
    assert count(logs) == 2


def test_copytruncate(logs: Path) -> None:
    """The copy holds what was read, and the log begins anew under the same inode."""
    log = write(logs / "a.jsonl", turns(0, 3))
    assert count(logs) == 3
    shutil.copyfile(log, logs / "a.jsonl.1")
    os.truncate(log, 0)
    assert count(logs) == 3
    with log.open("ab") as file:
        file.writelines(turns(3, 4))
    assert count(logs) == 4


def test_an_inode_used_again_is_known_by_its_content(logs: Path) -> None:
    """Another log that is written into an old file, longer than that was, is read from its beginning."""
    log = write(logs / "a.jsonl", turns(0, 3))
    assert count(logs) == 3
    with log.open("r+b") as file:
        file.writelines(turns(10, 20))
    assert count(logs) == 10
    assert run(logs) == cold(logs)


def test_a_shorter_file_is_read_anew_and_said_so(logs: Path) -> None:
    """What it lost no longer counts."""
    log = write(logs / "a.jsonl", turns(0, 3))
    assert count(logs) == 3
    write(log, turns(0, 1))
    said = run(logs)
    assert [warning for warning in said.warnings if "read anew" in warning]
    assert count(logs) == 1


@pytest.mark.parametrize("pack", ["gzip", "zstd"])
def test_packed_logs(logs: Path, pack: str) -> None:
    """A packed log counts like the log, one with several members whole, one that breaks off as far as it is good."""
    begin, end = b"".join(turns(0, 3)), b"".join(turns(3, 5))
    squeeze = gzip.compress if pack == "gzip" else lambda data: pa.Codec("zstd").compress(data, asbytes=True)
    suffix = "gz" if pack == "gzip" else "zst"
    (logs / f"a.jsonl.{suffix}").write_bytes(squeeze(begin) + (gzip.compress(end) if pack == "gzip" else b""))
    assert count(logs) == (5 if pack == "gzip" else 3)
    many = b"".join(turns(100, 3000))
    packed = squeeze(many)
    (logs / f"b.jsonl.{suffix}").write_bytes(packed[: len(packed) // 2])
    said = run(logs)
    assert [warning for warning in said.warnings if "breaks off" in warning]
    assert said == run(logs) == cold(logs)


@pytest.mark.parametrize("pack", ["gzip", "bzip2", "xz"])
@pytest.mark.parametrize("broken", ["cut", "flipped", "checksum", "junk"])
def test_members_behind_a_broken_one_count(logs: Path, broken: str, pack: str) -> None:
    """A writer that was killed and went on in the same file: what is whole counts, before and behind, and it is said."""
    packers: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress}
    squeeze = packers[pack]  # its first bytes tell what a file is packed with, and not its name
    first, second, third = (b"".join(turns(begin, begin + 200)) for begin in (0, 200, 400))
    middle = bytearray(squeeze(second))
    if broken == "cut":
        del middle[len(middle) // 2 :]
    elif broken == "junk":
        middle = bytearray(b"nothing that is packed")
    else:
        middle[len(middle) // 2 if broken == "flipped" else -6] ^= 0xFF
    (logs / "a.jsonl.gz").write_bytes(squeeze(first) + middle + squeeze(third))
    said = run(logs)
    assert [warning for warning in said.warnings if pack in warning and "behind it count" in warning]
    kept = [number for number in range(600) if number < 200 or number >= 400]
    with open_store([str(logs)], RULES) as store:
        found = {turn for (turn,) in store.connection.execute("SELECT turn FROM turns").fetchall()}
    assert found >= set(kept)
    assert said == run(logs) == cold(logs)
    (logs / "b.jsonl").write_bytes(first)
    assert run(logs) == cold(logs)


@pytest.mark.parametrize("broken", ["cut", "junk"])
def test_zstd_frames_behind_a_broken_one_count(logs: Path, broken: str) -> None:
    """As members of gzip do. Frames without data, as tools write them that compress in parallel, are passed over."""
    codec = pa.Codec("zstd")
    parts = [b"".join(turns(begin, begin + 200)) for begin in (0, 200, 400)]
    first, second, third = (bytes(codec.compress(part, asbytes=True)) for part in parts)
    no_data = b"\x52\x2a\x4d\x18" + (3).to_bytes(4, "little") + b"abc"
    (logs / "a.jsonl.zst").write_bytes(no_data + first + no_data + second + third)
    assert count(logs) == 600
    middle = second[: len(second) // 2] if broken == "cut" else b"nothing that is packed"
    (logs / "a.jsonl.zst").write_bytes(first + no_data + middle + third)
    said = run(logs)
    assert [warning for warning in said.warnings if "zstd" in warning and "behind it count" in warning]
    with open_store([str(logs)], RULES) as store:
        found = {turn for (turn,) in store.connection.execute("SELECT turn FROM turns").fetchall()}
    assert found >= {*range(200), *range(400, 600)}
    assert said == run(logs) == cold(logs)


def test_a_gzip_bomb_is_cut(logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that unpacks to hundreds of times its size is read no further."""
    monkeypatch.setattr(compression, "BOMB_BYTES", 1 << 20)
    (logs / "bomb.jsonl.gz").write_bytes(gzip.compress(b"".join(turns(0, 2)) + b" " * (8 << 20)))
    said = run(logs)
    assert [warning for warning in said.warnings if "300 times its size" in warning]
    assert count(logs) == 2


def test_an_incomplete_last_line_waits(logs: Path) -> None:
    """Its bytes are told; when the rest comes, it counts."""
    whole = turns(0, 2)
    log = write(logs / "a.jsonl", [whole[0], whole[1][:30]])
    assert run(logs).counts == (0, 0, 30)
    assert count(logs) == 1
    write(log, whole)
    assert run(logs).counts == (0, 0, 0)
    assert count(logs) == 2


def test_a_file_without_a_whole_line_waits(logs: Path) -> None:
    """Nothing counts, nothing is refused."""
    write(logs / "a.jsonl", [b'{"v":1'])
    assert run(logs).counts == (0, 0, 6)
    write(logs / "a.jsonl", [])
    assert run(logs).counts == (0, 0, 0)


def test_a_byte_order_mark_is_dropped_where_a_file_begins(logs: Path) -> None:
    """Anywhere else it makes its line no JSON."""
    bom = b"\xef\xbb\xbf"
    first, second = turns(0, 2)
    write(logs / "a.jsonl", [bom + first, bom + second])
    said = run(logs)
    assert count(logs) == 1
    assert [(line[1], line[2], line[4]) for line in said.quarantined_lines] == [(2, len(bom + first), "not JSON")]


@pytest.mark.parametrize("before", [b"", b"\n", b" ", b"\t\n", b"{\n"], ids=repr)
@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b"\xef\xbb\xbf" * 2, b"\xef\xbb\xbf ", b" \xef\xbb\xbf"], ids=repr)
def test_a_byte_order_mark_where_an_appended_part_begins(logs: Path, before: bytes, mark: bytes) -> None:
    """What a line is worth does not depend on where the run before it ended."""
    first, second, third = turns(0, 3)
    write(logs / "a.jsonl", [first])
    run(logs)
    write(logs / "a.jsonl", [first, before, mark + second, third])
    assert run(logs) == cold(logs)
    assert count(logs) == 2
    assert {line[4] for line in cold(logs).quarantined_lines} == {"not JSON"}


def test_a_line_that_is_too_long_is_skipped_and_told(logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its neighbours count, its place is exact, wherever the pieces it is read in end."""
    monkeypatch.setattr(stream_reader, "MAX_LINE_BYTES", 300)
    monkeypatch.setattr(stream_reader, "LONG_LINE_BYTES", 200)
    first, second, third = turns(0, 3)
    for size in (301, 5000, 3 << 20):
        long = b"x" * size + b"\n"
        write(logs / "a.jsonl", [first, long, second, long, long, third, b"{\n"])
        said = cold(logs)
        assert count(logs, cache=False) == 3
        assert [line[1:5] for line in said.quarantined_lines] == [
            (2, len(first), size, "longer than 8 MiB"),
            (4, len(first + long + second), size, "longer than 8 MiB"),
            (5, len(first + long + second + long), size, "longer than 8 MiB"),
            (7, len(first + long * 3 + second + third), 1, "not JSON"),
        ]


def test_chunks_of_any_size_say_the_same(logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a file is cut to be read makes no difference."""
    odd = [b"{\n", b"\n", b"\r\n", b"[1]\n"]
    write(logs / "a.jsonl", [b for number, good in enumerate(turns(0, 40)) for b in (good, odd[number % 4])])
    expected = cold(logs)
    monkeypatch.setattr(open_log, "BLOCK_BYTES", 100)
    for size, long_line, rows_each in ((1, 50, 1), (333, 110, 7), (4000, 1 << 17, 1000)):
        monkeypatch.setattr(builder, "CHUNK_BYTES", size)
        monkeypatch.setattr(stream_reader, "LONG_LINE_BYTES", long_line)
        monkeypatch.setattr(loading, "SEGMENT_ROWS", rows_each)
        assert cold(logs) == expected


FEW_DESCRIPTORS = """
import resource, sys
soft, hard = map(int, sys.argv[2:])
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
from voicetel.outcomes import load_rules
from voicetel.store import open_store
with open_store([sys.argv[1]], load_rules(), cache=False) as store:
    print(store.connection.execute("SELECT count(*), count(DISTINCT call_id) FROM turns").fetchall(), store.warnings)
"""


@pytest.mark.parametrize("limits", [(40, 40), (40, 4000), (4000, 4000)])
def test_more_files_than_may_be_open(tmp_path: Path, limits: tuple[int, int]) -> None:
    """However few descriptors a process may have, every file is read."""
    for number in range(150):
        write(tmp_path / f"{number}.jsonl", [line(call=f"c{number}", second=second) for second in range(2)])
    arguments = [sys.executable, "-c", FEW_DESCRIPTORS, str(tmp_path), *map(str, limits)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[(300, 150)] []\n", "")


@pytest.mark.parametrize("others", [0, 1])
def test_a_file_that_grows_while_it_is_read(logs: Path, monkeypatch: pytest.MonkeyPatch, others: int) -> None:
    """What came meanwhile is left for the next run, whole, whether the file is read by itself or with another one."""
    log = write(logs / "a.jsonl", turns(0, 3))
    for number in range(others):
        write(logs / f"b{number}.jsonl", [line("mark", call="other", second=number)])
    make_plan = planning.make_plan

    def growing(*arguments: Any, **options: Any) -> planning.Plan:
        plan = make_plan(*arguments, **options)
        if log.stat().st_size == len(b"".join(turns(0, 3))):
            with log.open("ab") as file:
                file.writelines(turns(3, 5))
        return plan

    monkeypatch.setattr("voicetel.store.refresh.make_plan", growing)
    assert count(logs) == 3
    assert count(logs) == 5


def test_a_file_that_vanishes_is_passed_over(logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between being found and being opened."""
    write(logs / "a.jsonl", turns(0, 2))
    write(logs / "b.jsonl", turns(2, 3))
    take_fingerprint = fingerprints.take_fingerprint

    def vanishing(stream: open_log.OpenLog) -> fingerprints.Fingerprint:
        (logs / "b.jsonl").unlink(missing_ok=True)
        return take_fingerprint(stream)

    monkeypatch.setattr(planning, "take_fingerprint", vanishing)
    said = run(logs)
    assert [warning for warning in said.warnings if "b.jsonl: skipped" in warning]
    assert count(logs) == 2


@pytest.mark.parametrize(
    "pack", [bytes, gzip.compress, bz2.compress, lzma.compress], ids=["plain", "gzip", "bzip2", "xz"]
)
def test_a_last_line_that_is_whole_counts(logs: Path, pack: Callable[[bytes], bytes]) -> None:
    """With or without its line end; when the line end comes it still counts once, when more comes the line is another."""
    whole = turns(0, 2)
    log = logs / "a.jsonl"
    log.write_bytes(pack(b"".join(whole)[:-1]))
    assert run(logs) == cold(logs)
    assert count(logs) == 2
    assert run(logs).counts == (0, 0, 0)
    log.write_bytes(pack(b"".join(whole)))
    assert count(logs) == 2
    assert run(logs) == cold(logs)
    log.write_bytes(pack(b"".join(turns(0, 3))[:-1]))
    assert count(logs) == 3
    log.write_bytes(pack(b"".join(turns(0, 3))[:-1] + b"} torn\n" + turns(4, 5)[0]))
    assert count(logs) == 3
    assert run(logs).counts == (1, 0, 0)
    assert run(logs) == cold(logs)


LAST_LINES: dict[str, tuple[bytes, int]] = {
    "plain": (line("turn", turn=9)[:-1], 1),
    "carriage return": (line("turn", turn=9)[:-1] + b"\r", 1),
    "blanks behind it": (line("turn", turn=9)[:-1] + b" \t ", 1),
    "blanks before it": (b"   " + line("turn", turn=9)[:-1], 1),
    "brackets in a text": (line("turn", turn=9, user={"text": '}}]] {[ \\" }'})[:-1], 1),
    "letters of many bytes": (line("turn", turn=9, user={"text": "привет 🙂"})[:-1], 1),
    "not the last bracket": (line("turn", turn=9)[:-2], 0),
    "half a letter": (line("turn", turn=9, user={"text": "привет"}).partition(b"\xd0\xb8")[0] + b"\xd0", 0),
    "inside an escape": (b'{"v":1,"event":"turn","ts":"2026-11-02T09:00:00Z","call_id":"c","user":{"text":"\\ud83', 0),
    "a whole object in a text": (b'{"v":1,"event":"turn","x":"{}', 0),
    "a list": (b"[" + line("turn", turn=9)[:-1] + b"]", 0),
    "a number": (b"17", 0),
    "two objects": (line("turn", turn=9)[:-1] + line("turn", turn=10)[:-1], 0),
    "NUL bytes behind it": (line("turn", turn=9)[:-1] + bytes(40), 0),
}


@pytest.mark.parametrize("last", LAST_LINES.values(), ids=LAST_LINES)
def test_last_lines_of_every_kind_without_a_line_end(logs: Path, last: tuple[bytes, int]) -> None:
    """In a file, packed, and when it is read again: what is a whole object counts, what is not waits or is none."""
    content, counted = last
    good = b"".join(turns(0, 2))
    (logs / "a.jsonl").write_bytes(good + content)
    assert count(logs) == 2 + counted
    assert run(logs) == cold(logs)
    assert count(logs) == 2 + counted
    (logs / "a.jsonl").unlink()
    (logs / "b.jsonl.gz").write_bytes(gzip.compress(good) + gzip.compress(content))
    assert count(logs) == 2 + counted
    assert run(logs) == cold(logs)


def test_a_file_of_one_whole_line_without_a_line_end(logs: Path) -> None:
    """It counts, also behind a byte order mark, and goes on."""
    first, second = turns(0, 2)
    log = write(logs / "a.jsonl", [b"\xef\xbb\xbf" + first[:-1]])
    assert count(logs) == 1
    assert run(logs) == cold(logs)
    write(log, [b"\xef\xbb\xbf" + first, second[:-1]])
    assert count(logs) == 2
    assert run(logs) == cold(logs)


def test_packed_in_parts(logs: Path) -> None:
    """Tools that compress in parallel write one stream after the other."""
    parts = [b"".join(turns(number, number + 2)) for number in (0, 2, 4)]
    (logs / "a.jsonl.bz2").write_bytes(b"".join(map(bz2.compress, parts)))
    (logs / "b.jsonl.xz").write_bytes(b"".join(map(lzma.compress, [*parts, b"".join(turns(6, 7))])))
    assert count(logs) == 7
    broken = bz2.compress(b"".join(turns(10, 4000)))
    (logs / "c.jsonl.bz2").write_bytes(broken[: len(broken) // 2])
    said = run(logs)
    assert [warning for warning in said.warnings if "c.jsonl.bz2: the bzip2 data breaks off" in warning]


def _rotate(log: Path) -> None:
    log.rename(log.with_name("a.jsonl.1"))
    write(log, turns(50, 60))


def _copytruncate(log: Path) -> None:
    shutil.copyfile(log, log.with_name("a.jsonl.1"))
    write(log, turns(50, 60))


def _pack(log: Path) -> None:
    log.with_name("a.jsonl.gz").write_bytes(gzip.compress(log.read_bytes()))
    log.unlink()


def _swap(log: Path) -> None:
    other = write(log.with_name("other"), turns(70, 90))
    other.replace(log)


def _cut(log: Path) -> None:
    os.truncate(log, log.stat().st_size // 2)


def _edit(log: Path) -> None:
    data = log.read_bytes()
    log.write_bytes(data.replace(b'"turn": 1,', b'"turn": 7,'))


@pytest.mark.parametrize("happens", [_rotate, _copytruncate, _pack, _swap, _cut, _edit])
@pytest.mark.parametrize("before", [False, True], ids=["new", "grown"])
@pytest.mark.parametrize("step", ["planned", "opened", "read"])
def test_a_log_that_changes_under_the_hands(
    logs: Path, monkeypatch: pytest.MonkeyPatch, happens: Callable[[Path], None], before: bool, step: str
) -> None:
    """Between the look at it and the last byte read: no later run is wrong about it, nor this one where it can be right."""
    log = write(logs / "a.jsonl", turns(0, 20))
    if before:
        run(logs)
        with log.open("ab") as file:
            file.writelines(turns(20, 30))
    done: list[bool] = []

    def once() -> None:
        if not done:
            done.append(True)
            happens(log)

    def hooked(function: Callable[..., Any], *, first: bool) -> Callable[..., Any]:
        def call(*arguments: Any, **values: Any) -> Any:
            if first:
                once()
            found = function(*arguments, **values)
            if not first:
                once()
            return found

        return call

    with monkeypatch.context() as patch:
        if step == "planned":
            patch.setattr("voicetel.store.refresh.make_plan", hooked(planning.make_plan, first=False))
        elif step == "opened":
            patch.setattr(stream_reader.StreamReader, "fill", hooked(stream_reader.StreamReader.fill, first=True))
        else:
            patch.setattr(builder.ChunkBuilder, "finish", hooked(builder.ChunkBuilder.finish, first=True))
        run(logs)
    assert done
    assert run(logs) == cold(logs)


@pytest.mark.parametrize("item", [b"{}", b"[]", b"1", b'{"stage":"llm"}'])
@pytest.mark.parametrize("field", [b"operations", b"agent", b"unknown"])
def test_a_line_with_a_huge_list(logs: Path, item: bytes, field: bytes) -> None:
    """It is rejected by itself; its neighbours count, and so does a long text with as many commas."""
    begin = b'{"v":1,"event":"turn","ts":"2026-11-02T09:00:00Z","call_id":"d","turn":9,"'
    huge = begin + field + b'":[' + b",".join([item] * 70_000) + b"]}\n"
    text = begin + b'user":{"text":"' + b"a, " * 70_000 + b'","end_ms":1}}\n'
    write(logs / "a.jsonl", [*turns(0, 2), huge, text])
    said = cold(logs)
    assert [(line[1], line[4]) for line in said.quarantined_lines] == [(3, "has more than 65,536 values")]
    assert rows("SELECT call_id, count(*) FROM turns GROUP BY ALL ORDER BY ALL", logs) == [("c", 2), ("d", 1)]
