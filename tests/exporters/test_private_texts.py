"""What holds texts of a call while an export runs is private, and gone afterwards, however the run ends."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from support.exports.exported import CARD, RULES, turn
from voicetel.exporters import files, transcripts
from voicetel.exporters.files import write_csv, write_parquet
from voicetel.exporters.rows import parts_of
from voicetel.private_folder import private_folder
from voicetel.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.exports.exported import Target
    from voicetel.exporters.summary import ExportSummary

MARK = "zqxjmarkedword"

EXPORT_HALFWAY = """
import sys, time
from voicetel.exporters.rows import parts_of
from voicetel.outcomes import load_rules
from voicetel.pricing import load_card
from voicetel.store import open_store

with open_store([sys.argv[1]], load_rules(), cache=True) as store:
    for rows in parts_of(store, load_card(None), with_text=True):
        rows.connection.execute("SET memory_limit = '60MB'")
        rows.connection.execute("CREATE TEMP TABLE held AS SELECT * FROM export_call_logs, range(300)")
        print("halfway", flush=True)
        time.sleep(600)
"""
"""Has texts in the private database and, sorted with little memory, in what DuckDB puts aside."""


def test_a_killed_export_leaves_no_text_behind(tmp_path: Path) -> None:
    """Nothing in the cache at any time; in the temporary folder only what nobody else can open, and soon not even that."""
    logs, cache, temporary = tmp_path / "logs", tmp_path / "cache", tmp_path / "tmp"
    for folder in (logs, cache, temporary):
        folder.mkdir()
    log_texts(logs / "a.jsonl", turns=300)
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache), "TMPDIR": str(temporary)}
    process = subprocess.Popen(
        [sys.executable, "-c", EXPORT_HALFWAY, str(logs)], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "halfway\n"
    (private,) = (folder for folder in temporary.iterdir() if files_with_mark(folder))
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert files_with_mark(cache) == []
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    while private.exists():
        time.sleep(0.05)
    assert files_with_mark(tmp_path) == [logs / "a.jsonl"]


@pytest.mark.parametrize("write", [write_csv, write_parquet])
def test_files_with_texts_are_their_owners_alone(target: Target, tmp_path: Path, write: object) -> None:
    """Files 0600 in folders 0700; without texts as the umask says."""
    target.log([turn("a", 1)])
    previous = os.umask(0o022)
    try:
        for with_text, modes in ((True, {0o600, 0o700}), (False, {0o644, 0o755})):
            folder = tmp_path / f"out {with_text}"
            with open_store([str(target.logs)], RULES, cache=False) as store:
                write(parts_of(store, CARD, with_text=with_text), folder)  # type: ignore[operator]
            assert {stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.rglob("*"))} == modes
    finally:
        os.umask(previous)


def test_long_texts_need_no_more_memory_than_a_part_is_given(target: Target, tmp_path: Path) -> None:
    """40 MB of texts, 2 kB a turn, out of a private database that may hold 24 MB."""
    target.log([])
    log_texts(target.logs / "long.jsonl", turns=20_000, words=250)
    with open_store([str(target.logs)], RULES, cache=False) as store:
        for rows in parts_of(store, CARD, with_text=True):
            rows.connection.execute("SET threads = 1")
            rows.connection.execute("SET memory_limit = '24MB'")
            count, length = rows.connection.sql(
                "SELECT count(*), sum(length(content)) FROM export_call_logs"
            ).fetchall()[0]
    assert (count, length > 40_000_000) == (20_000, True)


@pytest.mark.parametrize("write", [write_csv, write_parquet])
def test_long_texts_are_sorted_in_little_memory(
    target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[..., ExportSummary]
) -> None:
    """120 MB of texts, 8 kB a turn, in half of the memory that is allowed, half as much at a time."""
    monkeypatch.setattr(transcripts, "MEMORY_LIMIT", "150MB")
    monkeypatch.setattr(files, "TEXT_BYTES_AT_ONCE", files.TEXT_BYTES_AT_ONCE // 2)
    target.log([])
    log_texts(target.logs / "long.jsonl", turns=15_000, words=1000)
    with open_store([str(target.logs)], RULES, cache=False) as store:
        summary = write(parts_of(store, CARD, with_text=True), tmp_path / "out")
    assert summary.tables["call_logs"].inserted == 15_000


def test_the_private_folder_is_gone_after_an_error() -> None:
    """As after an end without one."""
    private = private_folder()
    folder = private.__enter__()
    (folder / "x").write_text("x")
    with pytest.raises(ZeroDivisionError):
        private.gen.throw(ZeroDivisionError)
    assert not folder.exists()


def log_texts(path: Path, turns: int, words: int = 100) -> None:
    """A log of turns whose callers say many words, the first of them marked."""
    import json

    with path.open("w", encoding="utf-8") as file:
        for number in range(turns):
            text = f"{MARK} {' '.join(f'w{number * words + n:06}' for n in range(words))}"
            file.write(json.dumps(turn(f"c{number // 50}", number % 50 + 1, user={"text": text, "start_ms": 0})) + "\n")


def files_with_mark(folder: Path) -> list[Path]:
    """The files under a folder that hold the marked word."""
    return [path for path in folder.rglob("*") if path.is_file() and MARK.encode() in path.read_bytes()]
