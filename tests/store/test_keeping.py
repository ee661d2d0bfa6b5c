"""The store as a file: who may see it, what it never holds, and what happens when it cannot be used."""

from __future__ import annotations

import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import duckdb
import pytest

from support.store_runs import RULES, cold, line, run, write
from voicetel.errors import VoicetelError
from voicetel.store import database
from voicetel.store.cache import cached_store, cached_stores, clear_cache, wrong_relations
from voicetel.store.load import Loader

if TYPE_CHECKING:
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
    monkeypatch.setattr(database, "LOCK_WAIT_S", 0.2)


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


def test_nobody_else_may_read_it(log: Path) -> None:
    """The directory is for its owner alone, and so is every file in it."""
    run(log)
    assert stat.S_IMODE(only_store().parent.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in only_store().parent.iterdir()} == {0o600}


def test_it_holds_no_spoken_words(log: Path) -> None:
    """Neither texts nor tags nor refused lines are to be found in its bytes."""
    run(log)
    content = b"".join(path.read_bytes() for path in only_store().parent.iterdir())
    assert content
    assert b"xyzzy" not in content
    assert b"plugh" not in content
    with duckdb.connect(str(only_store()), read_only=True) as connection:
        for (table,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall():
            assert "xyzzy" not in str(connection.execute(f'FROM "{table}"').fetchall())


def test_a_second_run_at_once_does_without_it(log: Path) -> None:
    """It waits a moment, says so, and reads everything for itself."""
    said = run(log)
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, f"{only_store()}.lock"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        second = run(log)
        with pytest.raises(database.StoreBusyError, match="in use"):
            clear_cache()
        holder.communicate("")
    assert second == said
    assert ["in use by another run" in warning for warning in second.warnings] == [True]
    assert run(log).warnings == ()


@pytest.mark.parametrize("content", [b"", b"not a database", b"\0" * 20_000])
def test_one_that_cannot_be_opened_is_moved_aside(log: Path, content: bytes) -> None:
    """And everything is read anew."""
    said = run(log)
    path = only_store()
    path.write_bytes(content)
    again = run(log)
    assert again == said
    assert any("could not be opened" in warning for warning in again.warnings) or not content
    assert run(log).warnings == ()


def _set_version(path: Path, version: int) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE meta SET version = $version", {"version": version})


def test_one_of_a_newer_version_is_refused(log: Path) -> None:
    """It is left as it is; what to do is said."""
    run(log)
    _set_version(only_store(), database.LAYOUT_VERSION + 1)
    with pytest.raises(VoicetelError, match="newer voicetel") as caught:
        run(log)
    assert "--no-cache" in (caught.value.hint or "")


def test_one_of_an_older_version_is_built_anew(log: Path) -> None:
    """Nobody notices."""
    said = run(log)
    _set_version(only_store(), database.LAYOUT_VERSION - 1)
    assert run(log) == said


def test_a_cache_that_cannot_be_written_is_done_without(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer is the same, and the reason is told."""
    blocked = log.parent / "blocked"
    blocked.write_text("a file where a directory should be")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    said = run(log)
    assert said == cold(log)
    assert ["no cache" in warning for warning in said.warnings] == [True]


def test_a_commit_that_fails_leaves_everything_as_it_was(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the disk is full: what was read so far stays, and the next run reads the rest."""
    before = run(log)
    with log.open("ab") as file:
        file.write(b'"}\n' + line("turn", turn=99))
    execute = Loader._all

    def full(loader: Loader, sql: str, **values: object) -> list[tuple[object, ...]]:
        if "usage_sums" in sql:
            raise duckdb.IOException("No space left on device")
        return execute(loader, sql, **values)

    with monkeypatch.context() as patch:
        patch.setattr(Loader, "_all", full)
        with pytest.raises(duckdb.IOException):
            run(log)
    with duckdb.connect(str(only_store()), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM events").fetchone() == (before.fingerprints["turns"][0],)
    assert run(log) == cold(log)


def test_the_phrases_are_part_of_its_name(log: Path) -> None:
    """Other rules, another store; other logs, another store; the order of paths makes none."""
    first = database.store_path([str(log)], "a")
    assert first != database.store_path([str(log)], "b")
    assert first != database.store_path([str(log), "x"], "a")
    assert database.store_path(["x", str(log)], "a") == database.store_path([str(log), "x"], "a")


def test_verifying_finds_what_is_wrong(log: Path) -> None:
    """A store that says what the logs say has no wrong relations; one that was tampered with has those."""
    run(log)
    assert wrong_relations([str(log)], RULES) == []
    with duckdb.connect(str(only_store())) as connection:
        connection.execute("UPDATE events SET eou_latency_ms = 5 WHERE turn = 3")
    assert wrong_relations([str(log)], RULES) == ["turns"]


def test_clearing_deletes_every_store_and_no_log(log: Path) -> None:
    """What is deleted is told; the next run begins anew."""
    said = run(log)
    path = only_store()
    assert cached_store([str(log)], RULES) == cached_stores()[0]
    parts = [part for part in path.parent.iterdir() if part.suffix != ".lock"]
    assert cached_stores()[0].bytes == sum(part.stat().st_size for part in parts)
    assert [store.path for store in clear_cache()] == [path]
    assert cached_stores() == []
    assert cached_store([str(log)], RULES) is None
    assert run(log) == said
    assert log.is_file()
