"""From log files to segments, exactly once.

Chunks are filled, parsed and measured at the same time, each by a thread of its own, or in turn where a run has one core. With each segment goes, in one
transaction of the ingest state, how far its log streams are read; a run that is killed has either written a segment or not begun it.
"""

from __future__ import annotations

import contextlib
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from voicetel.store.ingest.chunks.chunk import ChunkPool
from voicetel.store.ingest.chunks.chunker import Chunker
from voicetel.store.ingest.lines.line_reader import LineReader
from voicetel.store.ingest.operations import OperationDictionary
from voicetel.store.ingest.segment_builder import SegmentBuilder
from voicetel.store.segments.files import SegmentFile, write_segment_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from voicetel.store.ingest.chunks.chunk import Chunk
    from voicetel.store.ingest.fingerprints import KnownFile, StreamState
    from voicetel.store.ingest.progress import LoadProgress
    from voicetel.store.ingest.stream_matching import ReadTask
    from voicetel.store.segments.ingest_state import IngestState

SEGMENT_ROWS = 60_000
"""Rows of a segment, about: as many as memory holds easily, and as few as a kill may cost."""
CHUNKS_AT_ONCE = 2
"""Chunks that are parsed or wait for it while another is filled."""


class Loader:
    """Reads what tasks ask for into segments of one store."""

    def __init__(
        self,
        directory: Path,
        state: IngestState,
        spill: Path,
        *,
        warn: Callable[[str], None],
        progress: LoadProgress | None,
        single_threaded: bool = False,
    ) -> None:
        """``single_threaded``: nothing is done at the same time, which takes one core and less memory."""
        self._directory = directory
        self._spill = spill
        self._state = state
        self._warn = warn
        self._progress = progress
        self._single_threaded = single_threaded
        self._checkpoints: dict[int, StreamState] = {}
        self._rewinds: list[tuple[int, int]] = []
        self._writing: Future[None] | None = None
        self._segment = state.next_segment()

    def read(self, tasks: Sequence[ReadTask]) -> tuple[dict[str, KnownFile], list[ReadTask]]:
        """Read them. What their files held, and the tasks whose files have changed since they were planned."""
        pool = ChunkPool()
        reader = LineReader(self._spill)
        chunker = Chunker(pool, self._state.next_stream_id(), self._warn)
        builder = SegmentBuilder(reader, OperationDictionary())
        with contextlib.ExitStack() as stack:
            stack.callback(pool.close)
            stack.callback(reader.close)
            writer = stack.enter_context(ThreadPoolExecutor(1))
            chunks = chunker.chunks(tasks)
            parsed = ((chunk, reader.read_typed(chunk)) for chunk in chunks)
            for chunk, typed in parsed if self._single_threaded else self._parsed(chunks, reader):
                builder.add(*reader.validate(chunk, typed))
                self._checkpoints.update(chunk.checkpoints)
                self._rewinds += chunk.rewinds
                pool.give_back(chunk)
                if self._progress:
                    self._progress.advance(chunk.bytes_read)
                if builder.line_count >= SEGMENT_ROWS:
                    self._write(builder, writer)
            self._write(builder, writer)
            self._finish_writing()
        return chunker.known_files, chunker.changed_tasks

    @staticmethod
    def _parsed(chunks: Iterator[Chunk], reader: LineReader) -> Iterator[tuple[Chunk, Any]]:
        """Chunks in their order with what the typed reader made of them, which it does while others are filled and measured."""
        waiting: deque[tuple[Chunk, Future[Any]]] = deque()
        with ThreadPoolExecutor(1) as executor:
            for chunk in chunks:
                waiting.append((chunk, executor.submit(reader.read_typed, chunk)))
                if len(waiting) >= CHUNKS_AT_ONCE:
                    first, typed = waiting.popleft()
                    yield first, typed.result()
            for first, typed in waiting:
                yield first, typed.result()

    def _write(self, builder: SegmentBuilder, writer: ThreadPoolExecutor) -> None:
        """Begin to write what the builder has; what was written before is finished first."""
        self._finish_writing()
        if not (builder.line_count or self._checkpoints or self._rewinds):
            return
        segment = self._segment
        self._segment += 1
        tables = builder.tables(segment)
        checkpoints, rewinds = list(self._checkpoints.values()), self._rewinds
        self._checkpoints, self._rewinds = {}, []

        def write() -> None:
            files: list[SegmentFile] = [
                write_segment_file(self._directory, segment, relation, table) for relation, table in tables.items()
            ]
            self._state.add_segment(segment, files, checkpoints, rewinds)

        self._writing = writer.submit(write)
        if self._single_threaded:
            self._finish_writing()

    def _finish_writing(self) -> None:
        if self._writing:
            writing, self._writing = self._writing, None
            writing.result()
