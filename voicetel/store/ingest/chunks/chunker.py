"""Cuts the log streams of a run into chunks, one after the other."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from voicetel.store.ingest.chunks.builder import ChunkBuilder
from voicetel.store.ingest.chunks.stream_reader import FileChangedError, StreamReader
from voicetel.store.ingest.fingerprints import Fingerprint, KnownFile, LogFile
from voicetel.store.ingest.open_log import OpenLog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from voicetel.store.ingest.chunks.chunk import Chunk, ChunkPool
    from voicetel.store.ingest.stream_matching import ReadTask


class Chunker:
    """Cuts log streams into chunks. ``changed_tasks`` are the tasks whose files were not what they had been when planned."""

    def __init__(self, pool: ChunkPool, next_stream_id: int, warn: Callable[[str], None]) -> None:
        self._pool = pool
        self._next_stream_id = next_stream_id
        self._warn = warn
        self.changed_tasks: list[ReadTask] = []
        self.known_files: dict[str, KnownFile] = {}
        """What the files that were read held."""

    def chunks(self, tasks: Sequence[ReadTask]) -> Iterator[Chunk]:
        """Chunks of whole lines, one after the other. Give each back to the pool."""
        builder = ChunkBuilder(self._pool.take())
        with OpenLog.prefetching([task.file.path for task in tasks]) as open_log:
            for task in tasks:
                try:
                    with open_log(task.file.path) as log:
                        for filled in self._read(task, log, builder):
                            yield filled.finish()
                            builder.reset(self._pool.take())
                except OSError as error:
                    if error.errno != errno.ESTALE:
                        self._warn(f"{task.file.path}: skipped: {error.strerror}")
                    self.changed_tasks.append(task)
                except FileChangedError:
                    self.changed_tasks.append(task)
        chunk = builder.finish()
        if chunk.checkpoints or len(chunk.begins) or chunk.long_lines:
            yield chunk
        else:
            self._pool.give_back(chunk)

    def _read(self, task: ReadTask, log: OpenLog, builder: ChunkBuilder) -> Iterator[ChunkBuilder]:
        file = log.log_file(task.file)
        start, end = task.start, task.fingerprint.length
        if not file.is_same_file(task.file) or (log.is_uncompressed and file.size < end):
            raise FileChangedError
        hasher = log.hash_states([0])[0]
        if task.stream is not None:
            states = log.hash_states({start, task.stream.length})
            if task.stream.length not in states or states[task.stream.length].digest() != task.stream.digest:
                raise FileChangedError
            hasher = states[start]
            stream_id = task.stream.stream_id
            if task.stream.unterminated_line_start is not None:
                builder.chunk.rewinds.append((stream_id, start))
        else:
            stream_id = self._next_stream_id
            self._next_stream_id += 1
        reading = StreamReader(task.stream, stream_id, start, end, hasher)
        try:
            for _ in reading.fill(log, builder):
                yield builder
            if log.is_replaced():
                raise FileChangedError  # noqa: TRY301  as what is raised by reading
        except (OSError, FileChangedError):
            reading.checkpoint(builder)
            raise
        length, digest = reading.position, reading.hasher.digest()
        fingerprint = task.fingerprint
        found = Fingerprint(
            reading.first_line_hash,
            reading.prefix_hash,
            length,
            digest,
            fingerprint.pending_bytes,
            reading.unterminated_line_start,
            fingerprint.decompression_error,
        )
        seen = task.file if _is_unchanged(file, task.file) else file.as_stale()
        self.known_files[task.file.path] = KnownFile(seen, found, stream_id)


def chunks_between(log: OpenLog, start: int, end: int, pool: ChunkPool) -> Iterator[Chunk]:
    """Chunks of the whole lines between two line starts, as of a log stream 0 whose first line they begin with. Give each back to the pool.

    The last chunk's checkpoint says how many line ends there were. Raises FileChangedError where there is less.
    """
    builder = ChunkBuilder(pool.take())
    reading = StreamReader(None, 0, start, end, log.hash_states([0])[0])
    for _ in reading.fill(log, builder):
        yield builder.finish()
        builder.reset(pool.take())
    yield builder.finish()


def _is_unchanged(file: LogFile, planned: LogFile) -> bool:
    return (file.size, file.mtime_ns, file.ctime_ns) == (planned.size, planned.mtime_ns, planned.ctime_ns)
