"""The store as a file: who may see it, what it never holds, and what happens when it cannot be used."""

from __future__ import annotations

import contextlib
import errno
import os
import random
import sqlite3
import stat
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pytest

from support.store_runs import RULES, cold, line, run, write
from voicetel.errors import VoicetelError
from voicetel.store import directory, open_store
from voicetel.store.aggregate import aggregation, compaction
from voicetel.store.cache import StoreBusyError, cached_store, cached_stores, clear_cache, differing_relations
from voicetel.store.ingest import loading, open_log
from voicetel.store.ingest.chunks import builder
from voicetel.store.segments import ingest_state, state_database
from voicetel.store.segments.files import write_segment_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HOLDER = """
import sys
from filelock import FileLock
with FileLock(sys.argv[1], mode=0o600):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log in which secrets are said."""
    secret = {"text": "my secret is xyzzy-4711"}
    lines = [line("turn", turn=number, user=secret, agent=secret, tags={"x": "plugh"}) for number in range(50)]
    return write(tmp_path / "a.jsonl", [*lines, b'{"xyzzy-4711": "torn\n'])


def only_store() -> Path:
    """The path of the one store there is."""
    (store,) = cached_stores()
    return store.path


def parts(path: Path) -> list[Path]:
    """The files of a store."""
    return sorted(each for each in path.rglob("*") if each.is_file())


def test_nobody_else_may_read_it(log: Path) -> None:
    """The directories are for their owner alone, and so is every file in them."""
    run(log)
    cache = only_store().parent
    assert {stat.S_IMODE(path.stat().st_mode) for path in (cache, only_store())} == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in parts(cache)} == {0o600}


def test_it_holds_no_transcripts(log: Path) -> None:
    """Neither texts nor tags nor refused lines are to be found in its bytes, nor in what can be asked of it."""
    run(log)
    content = b"".join(path.read_bytes() for path in parts(only_store()))
    assert content
    assert b"xyzzy" not in content
    assert b"plugh" not in content
    for path in only_store().glob("*.parquet"):
        assert "xyzzy" not in str(duckdb.read_parquet(str(path)).fetchall())


def test_a_second_run_at_once_goes_on_from_what_is_there(log: Path) -> None:
    """It waits for nobody, reads only what is new, says what a first run says, and keeps nothing."""
    said = run(log)
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, f"{only_store()}.lock"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        before = {path: path.read_bytes() for path in only_store().glob("*.parquet")}
        second = run(log)
        with log.open("ab") as file:
            file.write(b'"}\n' + line("turn", turn=99))
        told = Told()
        with open_store([str(log)], RULES, progress=told):
            pass
        third = run(log)
        with pytest.raises(StoreBusyError, match="in use"):
            clear_cache()
        assert {path: path.read_bytes() for path in only_store().glob("*.parquet")} == before
        holder.communicate("")
    assert (second, second.warnings) == (said, ())
    assert 0 < told.total < log.stat().st_size / 2
    assert third == cold(log) == run(log)


class Told:
    """How many bytes a run reads."""

    total = 0

    def start(self, total_bytes: int) -> None:
        self.total = total_bytes

    def advance(self, read_bytes: int) -> None:
        """No matter."""


@pytest.mark.parametrize("content", [b"", b"not a database", b"\0" * 20_000])
def test_a_ledger_that_cannot_be_opened(log: Path, content: bytes) -> None:
    """Everything is read anew, and said so."""
    said = run(log)
    (only_store() / "ledger.sqlite").write_bytes(content)
    again = run(log)
    assert again == said
    assert any("damaged" in warning for warning in again.warnings) or not content
    assert run(log).warnings == ()


@pytest.mark.parametrize("cut", [False, True])
def test_a_store_that_is_damaged_anywhere(log: Path, cut: bool) -> None:
    """A byte of any of its files is another, or a file is shorter: found, said, built anew, and right."""
    expected = cold(log)
    chance = random.Random(7)
    for _ in range(12):
        run(log)
        path = chance.choice([each for each in parts(only_store()) if each.stat().st_size and "wal" not in each.name])
        data = bytearray(path.read_bytes())
        place = chance.randrange(len(data))
        if cut:
            del data[place:]
        else:
            data[place] ^= 1 << chance.randrange(8)
        path.write_bytes(data)
        again = run(log)
        assert again == expected
        # A byte that no row is kept in may say nothing.
        assert any("damaged" in warning for warning in again.warnings) or path.suffix == ".sqlite"
        assert run(log).warnings == ()


def _nothing(path: Path) -> None:
    path.write_bytes(b"")


def _gone(path: Path) -> None:
    path.unlink()


def _text(path: Path) -> None:
    path.write_bytes(b"not what it was\n" * 40)


def _zeros(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def _begin_zeroed(path: Path) -> None:
    path.write_bytes(bytes(64) + path.read_bytes()[64:])


def _end_zeroed(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-64] + bytes(64))


def _half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _twice(path: Path) -> None:
    path.write_bytes(path.read_bytes() * 2)


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _link_to_nothing(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


def _link_to_what_has_no_end(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


def _link_to_its_content(path: Path) -> None:
    path.symlink_to(path.rename(path.parents[2] / path.name))


def _link_to_a_folder(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.parents[2])


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize(
    "damage",
    [
        *(_nothing, _gone, _text, _zeros, _begin_zeroed, _end_zeroed, _half, _twice, _folder, _link_to_nothing),
        *(_link_to_what_has_no_end, _link_to_its_content, _link_to_a_folder, _pipe),
    ],
)
@pytest.mark.parametrize("kind", ["events", "calls", "ledger"])
def test_a_file_of_a_store_that_is_another(log: Path, damage: Callable[[Path], None], kind: str) -> None:
    """Emptied, gone, overwritten, cut, or no file at all: the answer comes, and is that of the logs, at once and later."""
    expected = cold(log)
    run(log)
    (path,) = (each for each in parts(only_store()) if kind in each.name and each.suffix in {".parquet", ".sqlite"})
    damage(path)
    assert run(log) == expected
    again = run(log)
    assert again == expected
    # A folder in the way is not ours to delete: every run says that it works without a cache.
    assert all("no cache" in warning for warning in again.warnings) if path.is_dir() else again.warnings == ()


@pytest.mark.parametrize("damage", [_link_to_what_has_no_end, _link_to_its_content, _pipe])
@pytest.mark.parametrize("name", ["events.parquet", "ledger.sqlite", "ledger.sqlite-wal"])
def test_what_is_no_file_is_said_and_replaced(log: Path, damage: Callable[[Path], None], name: str) -> None:
    """A device or a pipe would be read for ever, and a link may lead anywhere: the logs are read anew, once."""
    expected = cold(log)
    run(log)
    store = only_store()
    path = next((each for each in store.iterdir() if each.name.endswith(name)), store / name)
    path.touch()
    damage(path)
    again = run(log)
    assert again == expected
    assert [warning for warning in again.warnings if "is damaged" in warning] == list(again.warnings) != []
    assert run(log).warnings == ()
    assert not any(each.is_symlink() or each.is_fifo() for each in store.iterdir())


def _set_version(path: Path, version: int) -> None:
    with contextlib.closing(sqlite3.connect(path / "ledger.sqlite")) as connection, connection:
        connection.execute("UPDATE meta SET value = ? WHERE name = 'layout'", (version,))


def test_one_of_a_newer_version_is_refused(log: Path) -> None:
    """It is left as it is; what to do is said."""
    run(log)
    _set_version(only_store(), state_database.LAYOUT_VERSION + 1)
    with pytest.raises(VoicetelError, match="newer voicetel") as caught:
        run(log)
    assert "--no-cache" in (caught.value.hint or "")


def test_one_of_an_older_version_is_built_anew(log: Path) -> None:
    """Nobody notices."""
    said = run(log)
    _set_version(only_store(), state_database.LAYOUT_VERSION - 1)
    again = run(log)
    assert (again, again.warnings) == (said, ())


def test_one_file_as_it_was_kept_before_gives_way(log: Path) -> None:
    """Nobody notices, and its bytes are gone; until then it is listed."""
    path = directory.store_path([str(log)], RULES.fingerprint)
    directory.make_private(path.parent)
    for suffix in (".duckdb", ".duckdb.wal", ".duckdb.lock"):
        path.with_name(path.name + suffix).write_bytes(b"an older store")
    assert [store.bytes for store in cached_stores()] == [2 * len(b"an older store")]
    said = run(log)
    assert (said, said.warnings) == (cold(log), ())
    assert [each.name for each in path.parent.glob("*duckdb*")] == []
    assert only_store() == path


def test_a_cache_that_cannot_be_written_is_done_without(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer is the same, and the reason is told."""
    blocked = log.parent / "blocked"
    blocked.write_text("a file where a directory should be")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    said = run(log)
    assert said == cold(log)
    assert ["no cache" in warning for warning in said.warnings] == [True]


def test_a_user_without_a_home_or_a_name_has_no_cache(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container that runs under a number: the answer is the same, and the reason is told."""

    def unknown(uid: int) -> None:
        raise KeyError(f"getpwuid(): uid not found: {uid}")

    expected = cold(log)
    for name in ("HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", unknown)
    said = run(log)
    assert said == expected
    assert ["no cache" in warning for warning in said.warnings] == [True]


@pytest.mark.parametrize("step", range(5))
def test_a_write_that_fails_leaves_everything_as_it_was(log: Path, monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """As when the disk is full, at any write: one line says so, what was read so far stays, the next run reads the rest."""
    before = run(log)
    with log.open("ab") as file:
        file.write(b'"}\n' + line("turn", turn=99))
    left = step

    def full(write: Callable[..., Any], error: Exception) -> Callable[..., Any]:
        def failing(*arguments: Any, **values: Any) -> Any:
            nonlocal left
            left -= 1
            if left < 0:
                raise error
            return write(*arguments, **values)

        return failing

    no_space = OSError(errno.ENOSPC, "No space left on device")
    with monkeypatch.context() as patch:
        patch.setattr(loading, "write_segment_file", full(write_segment_file, no_space))
        patch.setattr(aggregation, "write_segment_file", full(write_segment_file, no_space))
        is_full = sqlite3.OperationalError("database or disk is full")
        for name in ("add_segment", "commit_aggregation", "replace_known_files"):
            patch.setattr(ingest_state.IngestState, name, full(getattr(ingest_state.IngestState, name), is_full))
        with pytest.raises(VoicetelError, match=r"cannot be written.*(No space left|full)"):
            run(log)
    assert before != run(log) == cold(log)


def test_the_phrases_are_part_of_its_name(log: Path) -> None:
    """Other rules, another store; other logs, another store; the order of paths makes none."""
    first = directory.store_path([str(log)], "a")
    assert first != directory.store_path([str(log)], "b")
    assert first != directory.store_path([str(log), "x"], "a")
    assert directory.store_path(["x", str(log)], "a") == directory.store_path([str(log), "x"], "a")


def test_verifying_finds_what_is_wrong(log: Path) -> None:
    """A store that says what the logs say has no wrong relations; one whose rows do not count as they should has those."""
    run(log)
    assert differing_relations([str(log)], RULES) == []
    kept = ingest_state.IngestState(only_store() / "ledger.sqlite", f"{RULES.fingerprint}/{duckdb.__version__}")
    dead = kept.dead_rows()
    dead.deleted["events", 1] = np.array([3], np.int64)
    kept.commit_aggregation(
        last_segment=0, files=[], dead=dead, deleted_stream_ids=[], to_retry=[], counts=kept.row_counts()
    )
    kept.close()
    assert differing_relations([str(log)], RULES) == ["turns"]


def test_clearing_deletes_every_store_and_no_log(log: Path) -> None:
    """What is deleted is told; the next run begins anew."""
    said = run(log)
    path = only_store()
    assert cached_store([str(log)], RULES) == cached_stores()[0]
    assert cached_stores()[0].bytes == sum(part.stat().st_size for part in parts(path))
    assert [store.path for store in clear_cache()] == [path]
    assert cached_stores() == []
    assert cached_store([str(log)], RULES) is None
    assert run(log) == said
    assert log.is_file()


def test_what_killed_runs_left_is_deleted(log: Path) -> None:
    """Segments that no ingest state names, and what was spilled; not while another run reads the store."""
    said = run(log)
    left = only_store() / "000099.events.parquet.part"
    spilled = only_store() / "spill-1"

    def leave() -> None:
        left.write_bytes(b"half")
        spilled.mkdir(exist_ok=True)
        (spilled / "block").write_bytes(b"x")

    leave()
    with open_store([str(log)], RULES):
        assert not left.exists()
        assert not spilled.exists()
        leave()
        assert run(log) == said
        assert left.exists()
    assert run(log) == said
    assert not left.exists()
    assert not spilled.exists()


def test_a_store_of_many_small_segments(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks and segments of a few lines say what large ones say."""
    expected = cold(log)
    monkeypatch.setattr(open_log, "BLOCK_BYTES", 500)
    monkeypatch.setattr(builder, "CHUNK_BYTES", 300)
    monkeypatch.setattr(loading, "SEGMENT_ROWS", 1)
    assert run(log) == expected
    assert len(list(only_store().glob("*.events.parquet"))) > 10


def test_many_runs_leave_few_segments(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log that is asked about again and again: small segments are brought together, and say the same."""
    monkeypatch.setattr(compaction, "MAX_FILES", 3)
    for number in range(8):
        with log.open("ab") as file:
            operations = [{"stage": stage, "start_ms": number, "audio_s": number + 1} for stage in ("tts", "stt")]
            each = line("turn", call=f"d{number % 2}", turn=number, writer="w", seq=number // 2, operations=operations)
            file.write(each)
        assert run(log) == cold(log)
    for relation in ("events", "operations", "calls"):
        assert len(list(only_store().glob(f"*.{relation}.parquet"))) <= 5
