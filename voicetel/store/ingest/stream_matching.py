"""Which files are one log stream, and which streams go on from what was read before.

Two files are one log stream when the shorter is a beginning of the longer. Hashes of all their bytes say so; a file is hashed
for that only where its first line is that of another file or of a stored stream, and where it changed since it was last looked at.
"""

from __future__ import annotations

import bisect
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import xxhash

from voicetel.store.ingest.fingerprints import PREFIX_BYTES, Fingerprint, KnownFile, LogFile, StreamState
from voicetel.store.ingest.open_log import OpenLog

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(slots=True)
class Candidate:
    """A file that is there. ``known``: what the ingest state has of it, if it has not changed since."""

    file: LogFile
    fingerprint: Fingerprint
    known: KnownFile | None
    digests: dict[int, bytes] = field(default_factory=dict)
    """Length → hash of the bytes up to there, as far as they were needed."""
    prefix: bytes | None = None
    """The first 4 KiB of its length."""


@dataclass(slots=True)
class ReadTask:
    """One log stream to bring up to date with what ``file`` holds, from where ``stream`` ends (None: a new one)."""

    file: LogFile
    fingerprint: Fingerprint
    stream: StreamState | None
    prefix_files: list[tuple[LogFile, Fingerprint]] = field(default_factory=list)
    """Files that hold a prefix of it."""

    @property
    def start(self) -> int:
        """From where on it is to be read. A last line that had no line end is read again."""
        if self.stream is None:
            return 0
        return (
            self.stream.length if self.stream.unterminated_line_start is None else self.stream.unterminated_line_start
        )

    @property
    def bytes_to_read(self) -> int:
        """Bytes that are new."""
        if self.stream is not None and self.stream.length == self.fingerprint.length:
            return 0
        return self.fingerprint.length - self.start


def match_streams(
    candidates: list[Candidate], stored_streams: list[StreamState], *, hashes_earlier_bytes: bool
) -> list[ReadTask]:
    """Bring files with one first line together into log streams, and find the stored ones that these go on from.

    The longest file of a stream is read; files that are a prefix of it are not. ``stored_streams`` loses those that are found.
    """
    if (
        not hashes_earlier_bytes
        and len(candidates) == len(stored_streams) == 1
        and _may_go_on(candidates[0], stored_streams[0])
    ):
        return [ReadTask(candidates[0].file, candidates[0].fingerprint, stored_streams.pop())]
    candidates.sort(key=lambda each: (-each.fingerprint.length, each.file.path))
    if len(candidates) > 1:
        for each in candidates:
            each.prefix = _prefix(each)
    streams = _StreamIndex(_lengths_by_prefix(candidates, stored_streams))
    tasks = []
    for each in candidates:
        task = streams.find(each)
        if task:
            task.prefix_files.append((each.file, each.fingerprint))
        else:
            tasks.append(streams.add(each))
    for task in tasks:
        task.stream = _find_stored(streams.candidates[id(task)], stored_streams, streams.lengths_by_prefix)
    return tasks


def _may_go_on(candidate: Candidate, stored: StreamState) -> bool:
    fingerprint = candidate.fingerprint
    begins_alike = stored.length >= PREFIX_BYTES and stored.prefix_hash == fingerprint.prefix_hash
    return begins_alike and stored.length < fingerprint.length and fingerprint.digest is None


def _prefix(candidate: Candidate) -> bytes:
    try:
        with OpenLog.open(candidate.file.path) as log:
            wanted = min(PREFIX_BYTES, candidate.fingerprint.length)
            if log.is_uncompressed:
                return log.read_at(0, wanted)
            prefix = b""
            for block in log.blocks():
                prefix += block[: wanted - len(prefix)]
                if len(prefix) >= wanted:
                    break
            return prefix
    except OSError:
        return b""


def _lengths_by_prefix(
    candidates: Iterable[Candidate], stored_streams: Iterable[StreamState]
) -> dict[bytes | None, list[int]]:
    """Hash of the first 4 KiB → how long the files and stored streams are that begin so: up to where others have to be hashed."""
    found: defaultdict[bytes | None, set[int]] = defaultdict(set)
    for each in candidates:
        found[each.fingerprint.prefix_hash].add(each.fingerprint.length)
    for stored in stored_streams:
        found[stored.prefix_hash].add(stored.length)
    return {beginning: sorted(lengths) for beginning, lengths in found.items()}


class _StreamIndex:
    """The log streams found so far among files with one first line."""

    def __init__(self, lengths_by_prefix: dict[bytes | None, list[int]]) -> None:
        self.lengths_by_prefix = lengths_by_prefix
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
            is_beginning = at < len(self._prefixes) and self._prefixes[at].startswith(candidate.prefix)
            return self._by_prefix[at] if is_beginning and candidate.prefix else None
        for task in self._by_prefix_hash[fingerprint.prefix_hash]:
            longest = self.candidates[id(task)]
            if candidate.known and longest.known:
                if candidate.known.stream_id is not None and candidate.known.stream_id == longest.known.stream_id:
                    return task
                continue
            digest = self._digest(candidate, fingerprint.length)
            if digest is not None and digest == self._digest(longest, fingerprint.length):
                return task
        return None

    def _digest(self, candidate: Candidate, length: int) -> bytes | None:
        return _digest_at(candidate, length, self.lengths_by_prefix[candidate.fingerprint.prefix_hash])


def _digest_at(candidate: Candidate, length: int, lengths: Iterable[int]) -> bytes | None:
    """The hash of a file up to ``length``; while it is read, of all ``lengths`` that it has. None: it cannot be read."""
    if length not in candidate.digests:
        total_length = candidate.fingerprint.length
        wanted = {each for each in (*lengths, length, total_length) if each <= total_length}
        try:
            with OpenLog.open(candidate.file.path) as log:
                states = log.hash_states(wanted)
        except OSError:
            return None
        candidate.digests.update({each: state.digest() for each, state in states.items()})
    return candidate.digests.get(length)


def _find_stored(
    longest: Candidate, stored_streams: list[StreamState], lengths_by_prefix: dict[bytes | None, list[int]]
) -> StreamState | None:
    """The stored one that this log stream goes on from, if any, taken out of ``stored_streams``."""
    fingerprint, known = longest.fingerprint, longest.known
    fitting = sorted(
        (stored for stored in stored_streams if stored.length <= fingerprint.length), key=lambda stored: -stored.length
    )
    for stored in fitting:
        if known and known.stream_id == stored.stream_id:
            is_beginning = True
        elif stored.length >= PREFIX_BYTES and stored.prefix_hash != fingerprint.prefix_hash:
            is_beginning = False
        elif stored.length < PREFIX_BYTES:
            longest.prefix = _prefix(longest) if longest.prefix is None else longest.prefix
            is_beginning = xxhash.xxh3_128(longest.prefix[: stored.length]).digest() == stored.digest
        else:
            is_beginning = (
                _digest_at(longest, stored.length, lengths_by_prefix.get(stored.prefix_hash, [])) == stored.digest
            )
        if is_beginning:
            stored_streams.remove(stored)
            return stored
    return None
