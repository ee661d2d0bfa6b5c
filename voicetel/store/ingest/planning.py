"""What a run has to read: the files that are there, held against what the ingest state knows.

Two files are one log stream when the shorter is a beginning of the longer. Hashes of all their bytes say so; a file is hashed
for that only where its first line is that of another file or of a source, and where it changed since it was last looked at.
"""

from __future__ import annotations

import bisect
import errno
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import xxhash

from voicetel.store.ingest.fingerprints import (
    PREFIX_BYTES,
    Fingerprint,
    LogFile,
    StoredPath,
    StreamState,
    take_fingerprint,
)
from voicetel.store.ingest.log_stream import LogStream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from voicetel.store.ingest.log_stream import Opener


@dataclass(slots=True)
class Candidate:
    """A file that is there. ``known``: what the ingest state has of it, if it has not changed since."""

    file: LogFile
    fingerprint: Fingerprint
    known: StoredPath | None
    digests: dict[int, bytes] = field(default_factory=dict)
    """Length → hash of the bytes up to there, as far as they were needed."""
    prefix: bytes | None = None
    """The first 4 KiB of its length."""


@dataclass(slots=True)
class ReadTask:
    """One log stream to bring up to date with what ``file`` holds, from where ``source`` ends (None: a new one)."""

    file: LogFile
    fingerprint: Fingerprint
    source: StreamState | None
    prefix_files: list[tuple[LogFile, Fingerprint]] = field(default_factory=list)
    """Files that hold a prefix of it."""

    @property
    def start(self) -> int:
        """From where on it is to be read. A last line that had no line end is read again."""
        if self.source is None:
            return 0
        return (
            self.source.length if self.source.unterminated_line_start is None else self.source.unterminated_line_start
        )

    @property
    def bytes_to_read(self) -> int:
        """Bytes that are new."""
        if self.source is not None and self.source.length == self.fingerprint.length:
            return 0
        return self.fingerprint.length - self.start


@dataclass(slots=True)
class Plan:
    """What to read, which sources are gone, and the files in which not one line is whole yet."""

    tasks: list[ReadTask]
    deleted_sources: list[StreamState]
    incomplete_files: list[tuple[LogFile, Fingerprint]]


def make_plan(
    files: Sequence[LogFile],
    sources: Iterable[StreamState],
    stored_paths: Mapping[str, StoredPath],
    warn: Callable[[str], None],
    looks: Mapping[str, Fingerprint | str] | None = None,
    *,
    hashes_prefixes: bool = True,
) -> Plan:
    """Decide which files are one log stream, and how far each was read.

    ``looks`` has what others who looked into files found: a fingerprint, or why there is none.

    Without ``hashes_prefixes`` the only file that begins as the only source does, and is longer, is taken to go on from it: whoever
    reads what is new of it hashes what comes before, and plans anew with all hashes where that is not what was read.

    The outcome depends on the files alone, never on the order in which they came to be known; so it is what a first run over
    them would decide.
    """
    groups: defaultdict[bytes, list[Candidate]] = defaultdict(list)
    incomplete_files = []
    for candidate in _candidates(files, stored_paths, warn, looks or {}):
        first_line_hash = candidate.fingerprint.first_line_hash
        if first_line_hash is None or candidate.fingerprint.length == 0:
            incomplete_files.append((candidate.file, candidate.fingerprint))
        else:
            groups[first_line_hash].append(candidate)
    unmatched: defaultdict[bytes, list[StreamState]] = defaultdict(list)
    for source in sources:
        unmatched[source.first_line_hash].append(source)
    tasks: list[ReadTask] = []
    for first_line_hash, candidates in groups.items():
        tasks += _match_streams(candidates, unmatched[first_line_hash], hashes_prefixes=hashes_prefixes)
    deleted_sources = [source for group in unmatched.values() for source in group]
    _warn_of_rewritten(tasks, deleted_sources, stored_paths, warn)
    return Plan(sorted(tasks, key=lambda task: task.file.path), deleted_sources, incomplete_files)


def _candidates(
    files: Sequence[LogFile],
    stored_paths: Mapping[str, StoredPath],
    warn: Callable[[str], None],
    looks: Mapping[str, Fingerprint | str],
) -> Iterator[Candidate]:
    """What there is to know of each file: what is known of it where it has not changed, else what a look at it says."""
    unchanged = {file.path: file for file in _unchanged(files, stored_paths)}
    unseen = [file.path for file in files if file.path not in unchanged and file.path not in looks]
    with LogStream.prefetching(unseen) as open_stream:
        for file in files:
            known = stored_paths.get(file.path)
            if known and file.path in unchanged:
                candidate = Candidate(unchanged[file.path], known.fingerprint, known)
            elif look := looks.get(file.path):
                if isinstance(look, str):
                    warn(f"{file.path}: skipped: {look}")
                    continue
                candidate = Candidate(file, look, None)
            else:
                try:
                    candidate = Candidate(*inspect(file, open_stream), None)
                except OSError as error:
                    warn(f"{file.path}: skipped: {error.strerror}")
                    continue
            fingerprint = candidate.fingerprint
            if fingerprint.digest is not None:
                candidate.digests[fingerprint.length] = fingerprint.digest
            if fingerprint.decompression_error:
                warn(f"{file.path}: {fingerprint.decompression_error}; what came before it counts")
            yield candidate


def inspect(file: LogFile, open_stream: Opener = LogStream.open, attempts: int = 3) -> tuple[LogFile, Fingerprint]:
    """The file as it is, and what its log stream is known by. An object that is replaced meanwhile is looked into anew.

    Raises OSError where it cannot be read.
    """
    try:
        with open_stream(file.path) as stream:
            return _stale_unless_stable(stream.file(file)), take_fingerprint(stream)
    except OSError as error:
        if error.errno != errno.ESTALE or attempts == 1:
            raise
    return inspect(file, open_stream, attempts - 1)


def _unchanged(files: Sequence[LogFile], stored_paths: Mapping[str, StoredPath]) -> Iterator[LogFile]:
    """The files that are what they were. Of objects that were written lately the storage is asked which version they are."""
    asked = []
    for file in files:
        known = stored_paths.get(file.path)
        if known and file.is_unchanged_since(known.file):
            yield known.file
        elif known and known.file.etag:
            asked.append(file)
    if asked:
        from voicetel.store.object_storage.prefetch import versions  # noqa: PLC0415  paths of files do without

        for file, version in zip(asked, versions([file.path for file in asked]), strict=True):
            if version and version == stored_paths[file.path].file.etag:
                yield _stale_unless_stable(replace(file, etag=version))


def _stale_unless_stable(file: LogFile) -> LogFile:
    return file if file.is_stable() else file.as_stale()


def _match_streams(candidates: list[Candidate], sources: list[StreamState], *, hashes_prefixes: bool) -> list[ReadTask]:
    """Bring files with one first line together into log streams, and find the sources that these go on from.

    The longest file of a stream is read; files that are a prefix of it are not. ``sources`` loses those that are found.
    """
    if not hashes_prefixes and len(candidates) == len(sources) == 1 and _may_go_on(candidates[0], sources[0]):
        return [ReadTask(candidates[0].file, candidates[0].fingerprint, sources.pop())]
    candidates.sort(key=lambda each: (-each.fingerprint.length, each.file.path))
    if len(candidates) > 1:
        for each in candidates:
            each.prefix = _prefix(each)
    streams = _StreamIndex(_lengths_by_prefix(candidates, sources))
    tasks = []
    for each in candidates:
        task = streams.find(each)
        if task:
            task.prefix_files.append((each.file, each.fingerprint))
        else:
            tasks.append(streams.add(each))
    for task in tasks:
        task.source = _find_source(streams.candidates[id(task)], sources, streams.lengths)
    return tasks


def _may_go_on(candidate: Candidate, source: StreamState) -> bool:
    fingerprint = candidate.fingerprint
    begins_so = source.length >= PREFIX_BYTES and source.prefix_hash == fingerprint.prefix_hash
    return begins_so and source.length < fingerprint.length and fingerprint.digest is None


def _prefix(candidate: Candidate) -> bytes:
    try:
        with LogStream.open(candidate.file.path) as stream:
            wanted = min(PREFIX_BYTES, candidate.fingerprint.length)
            if stream.is_uncompressed:
                return stream.read_at(0, wanted)
            prefix = b""
            for block in stream.blocks():
                prefix += block[: wanted - len(prefix)]
                if len(prefix) >= wanted:
                    break
            return prefix
    except OSError:
        return b""


def _lengths_by_prefix(
    candidates: Iterable[Candidate], sources: Iterable[StreamState]
) -> dict[bytes | None, list[int]]:
    """Hash of the first 4 KiB → how long the files and sources are that begin so: up to where others have to be hashed."""
    found: defaultdict[bytes | None, set[int]] = defaultdict(set)
    for each in candidates:
        found[each.fingerprint.prefix_hash].add(each.fingerprint.length)
    for source in sources:
        found[source.prefix_hash].add(source.length)
    return {beginning: sorted(lengths) for beginning, lengths in found.items()}


class _StreamIndex:
    """The log streams found so far among files with one first line."""

    def __init__(self, lengths: dict[bytes | None, list[int]]) -> None:
        self.lengths = lengths
        self.candidates: dict[int, Candidate] = {}
        self._by_prefix_hash: defaultdict[bytes | None, list[ReadTask]] = defaultdict(list)
        self._prefixes: list[bytes] = []
        self._by_prefix: list[ReadTask] = []

    def add(self, candidate: Candidate) -> ReadTask:
        """A log stream of its own."""
        task = ReadTask(candidate.file, candidate.fingerprint, None)
        self.candidates[id(task)] = candidate
        if candidate.fingerprint.length >= PREFIX_BYTES:
            self._by_prefix_hash[candidate.fingerprint.prefix_hash].append(task)
        if candidate.prefix is not None:
            at = bisect.bisect_left(self._prefixes, candidate.prefix)
            self._prefixes.insert(at, candidate.prefix)
            self._by_prefix.insert(at, task)
        return task

    def find(self, candidate: Candidate) -> ReadTask | None:
        """The log stream that a file is a beginning of. What was found before and has not changed need not be read."""
        fingerprint = candidate.fingerprint
        if fingerprint.length < PREFIX_BYTES and candidate.prefix is not None:
            at = bisect.bisect_left(self._prefixes, candidate.prefix)
            begins = at < len(self._prefixes) and self._prefixes[at].startswith(candidate.prefix)
            return self._by_prefix[at] if begins and candidate.prefix else None
        for task in self._by_prefix_hash[fingerprint.prefix_hash]:
            longest = self.candidates[id(task)]
            if candidate.known and longest.known:
                if candidate.known.source is not None and candidate.known.source == longest.known.source:
                    return task
                continue
            mine = self._digest(candidate, fingerprint.length)
            if mine is not None and mine == self._digest(longest, fingerprint.length):
                return task
        return None

    def _digest(self, candidate: Candidate, length: int) -> bytes | None:
        return digest_at(candidate, length, self.lengths[candidate.fingerprint.prefix_hash])


def digest_at(candidate: Candidate, length: int, lengths: Iterable[int]) -> bytes | None:
    """The hash of a file up to ``length``; while it is read, of all ``lengths`` that it has. None: it cannot be read."""
    if length not in candidate.digests:
        total_length = candidate.fingerprint.length
        wanted = {each for each in (*lengths, length, total_length) if each <= total_length}
        try:
            with LogStream.open(candidate.file.path) as stream:
                states = stream.hash_states(wanted)
        except OSError:
            return None
        candidate.digests.update({each: state.digest() for each, state in states.items()})
    return candidate.digests.get(length)


def _find_source(
    longest: Candidate, sources: list[StreamState], lengths: dict[bytes | None, list[int]]
) -> StreamState | None:
    """The source that this log stream goes on from, if any, taken out of ``sources``."""
    fingerprint, known = longest.fingerprint, longest.known
    fitting = sorted(
        (source for source in sources if source.length <= fingerprint.length), key=lambda source: -source.length
    )
    for source in fitting:
        if known and known.source == source.number:
            begins = True
        elif source.length >= PREFIX_BYTES and source.prefix_hash != fingerprint.prefix_hash:
            begins = False
        elif source.length < PREFIX_BYTES:
            longest.prefix = _prefix(longest) if longest.prefix is None else longest.prefix
            begins = xxhash.xxh3_128(longest.prefix[: source.length]).digest() == source.digest
        else:
            begins = digest_at(longest, source.length, lengths.get(source.prefix_hash, [])) == source.digest
        if begins:
            sources.remove(source)
            return source
    return None


def _warn_of_rewritten(
    tasks: Iterable[ReadTask],
    deleted_sources: Iterable[StreamState],
    stored_paths: Mapping[str, StoredPath],
    warn: Callable[[str], None],
) -> None:
    lost = {source.number for source in deleted_sources}
    for task in tasks:
        known = stored_paths.get(task.file.path)
        if task.source is None and known and known.source in lost and not _is_of_import(task.file.path):
            warn(f"{task.file.path}: shorter or rewritten since it was last read; read anew")


def _is_of_import(path: str) -> bool:
    """Whether `voicetel import` wrote the file: it writes its files anew, with every call that comes."""
    from voicetel.importers.logs.existing import is_imported  # noqa: PLC0415  only where a file was written anew

    try:
        with LogStream.open(path) as stream:
            return is_imported(stream.read_at(0, PREFIX_BYTES))
    except OSError:
        return False
