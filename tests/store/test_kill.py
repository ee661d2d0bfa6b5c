"""kill −9 in the middle of reading a log that goes on growing: nothing is lost, nothing counts twice."""

from __future__ import annotations

import contextlib
import os
import random
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from support.store_runs import cold, line, rows, run

if TYPE_CHECKING:
    import pytest

TESTS = Path(__file__).parents[1]
KILLS = 200
LINES_EACH = 30
OPERATIONS = [{"stage": "stt", "provider": "deepgram", "audio_s": 2.5}]

READER = """
import os, sys
sys.path.insert(0, sys.argv[2])
from support.store_runs import RULES
from voicetel.store import open_store
from voicetel.store.ingest import loading, open_log
from voicetel.store.ingest.chunks import builder
open_log.BLOCK_BYTES, builder.CHUNK_BYTES, loading.SEGMENT_ROWS = 1000, 2000, 10  # a segment for every few lines
RULES.book.parameters
print("imported", flush=True)
for _ in sys.stdin:
    # A child for each run: the imports are there already, and what is killed is a process of its own.
    child = os.fork()
    if child == 0:
        with open_store([sys.argv[1]], RULES):
            pass
        os._exit(0)
    print(child, flush=True)
    _, status = os.waitpid(child, 0)
    print(status, flush=True)
"""


def test_two_hundred_kills_lose_nothing_and_double_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs that are killed at any moment while the log grows, and one more that is not: every line counts once."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    log = tmp_path / "calls.jsonl"
    log.touch()
    chance = random.Random(3)
    written = killed = 0
    with subprocess.Popen(
        [sys.executable, "-c", READER, str(log), str(TESTS)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as reader:
        assert reader.stdin
        assert reader.stdout
        assert reader.stdout.readline() == "imported\n"
        for _ in range(KILLS):
            written = grow(log, written)
            reader.stdin.write("run\n")
            reader.stdin.flush()
            child = int(reader.stdout.readline())
            ended, _, _ = select.select([reader.stdout], [], [], chance.uniform(0.0, 0.25))
            if not ended:
                with log.open("ab") as file:
                    file.write(line("turn", call="late", turn=written, writer="late", seq=written))
                time.sleep(chance.uniform(0.0, 0.01))
                # It may just have ended by itself.
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
                    killed += 1
            assert reader.stdout.readline().strip() in {"0", str(int(signal.SIGKILL))}
        reader.stdin.close()
    said = run(log)
    assert said == cold(log)
    turns = "SELECT count(*), count(DISTINCT turn) FROM turns WHERE call_id = 'c'"
    assert rows(turns, log, cache=True) == [(written, written)]
    audio = "SELECT CAST(sum(audio_s) AS DOUBLE) FROM usage"
    assert rows(audio, log, cache=True) == [(written * 2.5,)]
    assert killed


def grow(log: Path, written: int) -> int:
    """Add lines with a torn one between two whole ones, which the next growth completes; give how many there are."""
    with log.open("ab") as file:
        for number in range(written, written + LINES_EACH):
            whole = line("turn", turn=number, writer="w", seq=number, operations=OPERATIONS)
            file.write(whole[:40])
            file.flush()
            file.write(whole[40:])
    return written + LINES_EACH
