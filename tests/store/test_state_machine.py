"""Whatever happens to the files between runs, and in the middle of them, a run says what a first run would say.

A thousand sequences in CI, five thousand with ``make soak``, some dozens elsewhere; as many as asked for with
``VOICETEL_SEQUENCES=200 pytest tests/store/test_state_machine.py``. They come in four parts, each with a seed of its
own, so that every core has some of them.
"""

from __future__ import annotations

import contextlib
import gzip
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import pyarrow as pa
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from support.soak import SOAK
from support.store_runs import Said, cold, line, run
from voicetel.store.aggregate import aggregation, compaction
from voicetel.store.ingest import loading, open_log
from voicetel.store.ingest.chunks import builder
from voicetel.store.segments.ingest_state import IngestState

if TYPE_CHECKING:
    from collections.abc import Callable
    from unittest import TestCase

SEQUENCES = int(os.environ.get("VOICETEL_SEQUENCES", "5000" if SOAK else "1000" if os.environ.get("CI") else "40"))
MEMORY = Path("/dev/shm")

OPERATIONS = [
    {"stage": "stt", "provider": "deepgram", "audio_s": 2.5},
    {"stage": "llm", "start_ms": 5, "input_tokens": 7},
]
ODD_LINES = [
    b"{torn\n",
    b"\n",
    b"  \r\n",
    b"[1]\n",
    b"\0\0\0\0\n",
    b'{"v":2,"event":"turn","ts":"2026-11-02T09:00:00Z","call_id":"c"}\n',
    b'{"v":1,"event":"sneeze","ts":"2026-11-02T09:00:00Z","call_id":"c"}\n',
    b'{"v":1,"event":"turn","ts":"nine","call_id":"c"}\n',
]


WRITES = [
    (loading, "write_segment_file"),
    (aggregation, "write_segment_file"),
    (compaction, "write_segment_file"),
    (IngestState, "add_segment"),
    (IngestState, "commit_aggregation"),
    (IngestState, "replace_known_files"),
]


class Killed(BaseException):
    """The process is gone."""


def new_line(kind: int, number: int, call: int) -> bytes:
    """A line that no other has: a turn, a call's end, a mark; some with a key of their own, some without."""
    key = {"writer": "w", "seq": number} if number % 3 else {}
    name = f"c{call}"
    match kind:
        case 0:
            return line("turn", call=name, second=number % 600, turn=number, operations=OPERATIONS, **key)
        case 1:
            return line("call_ended", call=name, second=number % 600, duration_s=number, **key)
        case 2:
            return line("mark", call=name, second=number % 600, kind="hold", value=str(number), **key)
        case _:
            return line(
                "turn", call=name, second=number % 600, turn=number, user={"text": "voicemail", "end_ms": 4}, **key
            )


class Logs(RuleBasedStateMachine):
    """A directory of logs, the things that happen to it, and a store that must never be wrong about it."""

    @initialize()
    def begin(self) -> None:
        """An empty directory and no store."""
        self.root = Path(tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
        self.logs = self.root / "logs"
        self.logs.mkdir()
        self.environment = mock.patch.dict(os.environ, {"XDG_CACHE_HOME": str(self.root / "cache")})
        self.environment.start()
        self.number = 0
        self.written: list[bytes] = []
        self.changed = True

    def teardown(self) -> None:
        """The last state is compared too."""
        if hasattr(self, "root"):
            try:
                if self.changed:
                    self.run()
            finally:
                self.environment.stop()
                shutil.rmtree(self.root)

    def files(self, suffix: str = "") -> list[Path]:
        """The logs that are there."""
        return sorted(path for path in self.logs.iterdir() if path.name.endswith(suffix))

    def pick(self, choice: int, suffix: str = "") -> Path | None:
        """One of the logs, or none if there is none."""
        files = self.files(suffix)
        self.changed = True
        return files[choice % len(files)] if files else None

    def free_name(self, stem: str) -> Path:
        """A name that no log has."""
        self.number += 1
        return self.logs / f"{stem}-{self.number}.jsonl"

    @rule(choice=st.integers(0, 3), kinds=st.lists(st.integers(0, 3), min_size=1, max_size=3), call=st.integers(0, 2))
    def append(self, choice: int, kinds: list[int], call: int) -> None:
        """Whole lines are added, to a new file if there is none; a torn line before them becomes one with the first."""
        path = self.pick(choice, ".jsonl") or self.logs / "a.jsonl"
        with path.open("ab") as file:
            for kind in kinds:
                self.number += 1
                self.written.append(new_line(kind, self.number, call))
                file.write(self.written[-1])

    @rule(choice=st.integers(0, 3), odd=st.sampled_from(ODD_LINES))
    def append_odd(self, choice: int, odd: bytes) -> None:
        """A line that does not count is added."""
        path = self.pick(choice, ".jsonl") or self.logs / "odd.jsonl"
        with path.open("ab") as file:
            file.write(odd)

    @rule(choice=st.integers(0, 3), keep=st.integers(1, 60))
    def append_torn(self, choice: int, keep: int) -> None:
        """The beginning of a line is added; the rest may come or not."""
        path = self.pick(choice, ".jsonl") or self.logs / "torn.jsonl"
        self.number += 1
        with path.open("ab") as file:
            file.write(new_line(0, self.number, 0)[:keep])

    @precondition(lambda self: self.written)
    @rule(choice=st.integers(0, 3), which=st.integers(0, 9), differs=st.booleans())
    def append_again(self, choice: int, which: int, differs: bool) -> None:
        """A line is written a second time, or another under its key."""
        path = self.pick(choice, ".jsonl") or self.logs / "again.jsonl"
        again = self.written[which % len(self.written)]
        with path.open("ab") as file:
            file.write(again.replace(b"2.5", b"3.5").replace(b'"v": 1', b'"v":  1') if differs else again)

    @rule(name=st.sampled_from(["a", "b"]))
    def begin_file(self, name: str) -> None:
        """An empty file appears."""
        self.changed = True
        (self.logs / f"{name}.jsonl").touch()

    @rule(choice=st.integers(0, 3))
    def rotate(self, choice: int) -> None:
        """A file gets another name, and an empty one takes its place."""
        if path := self.pick(choice, ".jsonl"):
            path.rename(self.free_name("rotated"))
            path.touch()

    @rule(choice=st.integers(0, 3), keep=st.floats(0, 1))
    def truncate(self, choice: int, keep: float) -> None:
        """A file loses its end."""
        if path := self.pick(choice, ".jsonl"):
            os.truncate(path, int(path.stat().st_size * keep))

    @rule(choice=st.integers(0, 3))
    def copytruncate(self, choice: int) -> None:
        """A file is copied and begins anew under its own name."""
        if path := self.pick(choice, ".jsonl"):
            shutil.copyfile(path, self.free_name("copied"))
            os.truncate(path, 0)

    @rule(choice=st.integers(0, 3), keep=st.booleans(), zstd=st.booleans())
    def compress(self, choice: int, keep: bool, zstd: bool) -> None:
        """A file is packed, the original goes or stays."""
        if path := self.pick(choice, ".jsonl"):
            self.number += 1
            data = path.read_bytes()
            if zstd:
                packed = pa.Codec("zstd").compress(data, asbytes=True)
                path.with_name(f"{path.name}.{self.number}.zst").write_bytes(packed)
            else:
                half = len(data) // 2
                path.with_name(f"{path.name}.{self.number}.gz").write_bytes(
                    gzip.compress(data[:half]) + gzip.compress(data[half:])
                )
            if not keep:
                path.unlink()

    @rule(choice=st.integers(0, 3))
    def cut_packed(self, choice: int) -> None:
        """A packed file loses its end."""
        if path := self.pick(choice, ".gz"):
            os.truncate(path, path.stat().st_size * 2 // 3)

    @rule(choice=st.integers(0, 5))
    def duplicate(self, choice: int) -> None:
        """A file is copied."""
        if path := self.pick(choice):
            self.number += 1
            shutil.copyfile(path, path.with_name(f"copy-{self.number}-{path.name}"))

    @rule(choice=st.integers(0, 5))
    def delete(self, choice: int) -> None:
        """A file goes, and with it what only it said."""
        if path := self.pick(choice):
            path.unlink()

    @rule(choice=st.integers(0, 3), place=st.floats(0, 1), byte=st.sampled_from(b"0x\n}"))
    def edit(self, choice: int, place: float, byte: int) -> None:
        """One byte of a file changes."""
        if (path := self.pick(choice, ".jsonl")) and (data := bytearray(path.read_bytes())):
            data[int(place * (len(data) - 1))] = byte
            path.write_bytes(data)

    @rule()
    def run(self) -> None:
        """A run brings the store up to date."""
        with mock.patch.object(compaction, "MAX_FILES", 2):
            said = run(self.logs)
        assert said == self.first_run()
        self.changed = False

    @rule(steps=st.integers(0, 12), beside=st.booleans())
    def kill(self, steps: int, beside: bool) -> None:
        """A run is killed before or after any of its writes; what it had not committed is as if it never was."""
        left = steps

        def dying(write: Callable[..., Any]) -> Callable[..., Any]:
            def step(*arguments: Any, **values: Any) -> Any:
                nonlocal left
                left -= 1
                if left < 0 and not beside:
                    raise Killed
                done = write(*arguments, **values)
                if left < 0:
                    raise Killed
                return done

            return step

        with contextlib.ExitStack() as stack:
            for owner, name in WRITES:
                stack.enter_context(mock.patch.object(owner, name, dying(getattr(owner, name))))
            stack.enter_context(mock.patch.object(open_log, "BLOCK_BYTES", 200))
            stack.enter_context(mock.patch.object(builder, "CHUNK_BYTES", 200))
            stack.enter_context(mock.patch.object(loading, "SEGMENT_ROWS", 1))
            stack.enter_context(mock.patch.object(compaction, "MAX_FILES", 2))
            try:
                run(self.logs)
            except Killed:
                self.changed = True

    def first_run(self) -> Said:
        """What a run without a store says."""
        return cold(self.logs)


def part(number: int, parts: int = 4) -> type[TestCase]:
    """One of the parts of the sequences; with ``make soak`` its examples are new ones each time."""

    class Part(Logs):
        __doc__ = Logs.__doc__

    if not SOAK:
        seed(number)(Part)
    case = Part.TestCase
    case.settings = settings(
        max_examples=SEQUENCES // parts + (number <= SEQUENCES % parts),
        stateful_step_count=10,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    return case


TestLogs1 = part(1)
TestLogs2 = part(2)
TestLogs3 = part(3)
TestLogs4 = part(4)
