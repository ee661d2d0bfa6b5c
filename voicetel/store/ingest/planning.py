"""What a run has to read: the files that are there, held against what the ingest state knows."""

from __future__ import annotations

import errno
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from voicetel.store.ingest.fingerprints import (
    PREFIX_BYTES,
    Fingerprint,
    KnownFile,
    LogFile,
    StreamState,
    take_fingerprint,
)
from voicetel.store.ingest.open_log import OpenLog
from voicetel.store.ingest.stream_matching import Candidate, ReadTask, match_streams

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from voicetel.store.ingest.open_log import Opener


@dataclass(slots=True)
class Plan:
    """What to read, which log streams are gone, and the files in which not one line is whole yet."""

    tasks: list[ReadTask]
    deleted_streams: list[StreamState]
    incomplete_files: list[tuple[LogFile, Fingerprint]]


def make_plan(
    files: Sequence[LogFile],
    streams: Iterable[StreamState],
    known_files: Mapping[str, KnownFile],
    warn: Callable[[str], None],
    fingerprints: Mapping[str, Fingerprint | str] | None = None,
    *,
    hashes_earlier_bytes: bool = True,
) -> Plan:
    """Decide which files are one log stream, and how far each was read.

    ``fingerprints`` has what others who inspected files found: a fingerprint, or why there is none.

    Without ``hashes_earlier_bytes`` the only file that begins as the only known stream does, and is longer, is taken to go on from it: whoever
    reads what is new of it hashes what comes before, and plans anew with all hashes where that is not what was read.

    The outcome depends on the files alone, never on the order in which they came to be known; so it is what a first run over
    them would decide.
    """
    groups: defaultdict[bytes, list[Candidate]] = defaultdict(list)
    incomplete_files = []
    for candidate in _candidates(files, known_files, warn, fingerprints or {}):
        first_line_hash = candidate.fingerprint.first_line_hash
        if first_line_hash is None or candidate.fingerprint.length == 0:
            incomplete_files.append((candidate.file, candidate.fingerprint))
        else:
            groups[first_line_hash].append(candidate)
    unmatched: defaultdict[bytes, list[StreamState]] = defaultdict(list)
    for stream in streams:
        unmatched[stream.first_line_hash].append(stream)
    tasks: list[ReadTask] = []
    for first_line_hash, candidates in groups.items():
        tasks += match_streams(candidates, unmatched[first_line_hash], hashes_earlier_bytes=hashes_earlier_bytes)
    deleted_streams = [stream for group in unmatched.values() for stream in group]
    _warn_of_rewritten(tasks, deleted_streams, known_files, warn)
    return Plan(sorted(tasks, key=lambda task: task.file.path), deleted_streams, incomplete_files)


def _candidates(
    files: Sequence[LogFile],
    known_files: Mapping[str, KnownFile],
    warn: Callable[[str], None],
    fingerprints: Mapping[str, Fingerprint | str],
) -> Iterator[Candidate]:
    """What there is to know of each file: what is known of it where it has not changed, else what a look at it says."""
    unchanged = {file.path: file for file in _unchanged(files, known_files)}
    unseen = [file.path for file in files if file.path not in unchanged and file.path not in fingerprints]
    with OpenLog.prefetching(unseen) as open_log:
        for file in files:
            known = known_files.get(file.path)
            if known and file.path in unchanged:
                candidate = Candidate(unchanged[file.path], known.fingerprint, known)
            elif found := fingerprints.get(file.path):
                if isinstance(found, str):
                    warn(f"{file.path}: skipped: {found}")
                    continue
                candidate = Candidate(file, found, None)
            else:
                try:
                    candidate = Candidate(*inspect(file, open_log), None)
                except OSError as error:
                    warn(f"{file.path}: skipped: {error.strerror}")
                    continue
            fingerprint = candidate.fingerprint
            if fingerprint.digest is not None:
                candidate.digests[fingerprint.length] = fingerprint.digest
            if fingerprint.decompression_error:
                warn(f"{file.path}: {fingerprint.decompression_error}; what came before it counts")
            yield candidate


def inspect(file: LogFile, open_log: Opener = OpenLog.open, attempts: int = 3) -> tuple[LogFile, Fingerprint]:
    """The file as it is, and what its log stream is known by. An object that is replaced meanwhile is looked into anew.

    Raises OSError where it cannot be read.
    """
    try:
        with open_log(file.path) as log:
            return _stale_unless_stable(log.log_file(file)), take_fingerprint(log)
    except OSError as error:
        if error.errno != errno.ESTALE or attempts == 1:
            raise
    return inspect(file, open_log, attempts - 1)


def _unchanged(files: Sequence[LogFile], known_files: Mapping[str, KnownFile]) -> Iterator[LogFile]:
    """The files that are what they were. Of objects that were written lately the storage is asked which version they are."""
    asked = []
    for file in files:
        known = known_files.get(file.path)
        if known and file.is_unchanged_since(known.file):
            yield known.file
        elif known and known.file.etag:
            asked.append(file)
    if asked:
        from voicetel.store.object_storage.prefetch import versions  # noqa: PLC0415  paths of files do without

        for file, version in zip(asked, versions([file.path for file in asked]), strict=True):
            if version and version == known_files[file.path].file.etag:
                yield _stale_unless_stable(replace(file, etag=version))


def _stale_unless_stable(file: LogFile) -> LogFile:
    return file if file.is_stable() else file.as_stale()


def known_files_after(plan: Plan, read: dict[str, KnownFile]) -> dict[str, KnownFile]:
    """What the files of a plan hold, now that it has been carried out."""
    found = {file.path: KnownFile(file, fingerprint, None) for file, fingerprint in plan.incomplete_files}
    for task in plan.tasks:
        longest = read.get(task.file.path)
        if longest is None:
            stream_id = task.stream.stream_id if task.stream else None
            fingerprint = task.fingerprint
            if task.stream and task.stream.length == fingerprint.length:
                fingerprint = replace(fingerprint, digest=task.stream.digest)
            longest = KnownFile(task.file, fingerprint, stream_id)
        found[task.file.path] = longest
        for file, fingerprint in task.prefix_files:
            found[file.path] = KnownFile(file, fingerprint, longest.stream_id)
    return found


def paths_by_stream(known_files: Mapping[str, KnownFile]) -> dict[int, str]:
    """Log stream → the longest of the files that hold it: of its lines the others may have the first alone."""
    shortest_first = sorted(known_files.items(), key=lambda item: item[1].fingerprint.length)
    return {known.stream_id: path for path, known in shortest_first if known.stream_id is not None}


def _warn_of_rewritten(
    tasks: Iterable[ReadTask],
    deleted_streams: Iterable[StreamState],
    known_files: Mapping[str, KnownFile],
    warn: Callable[[str], None],
) -> None:
    deleted_stream_ids = {stream.stream_id for stream in deleted_streams}
    for task in tasks:
        known = known_files.get(task.file.path)
        if task.stream is None and known and known.stream_id in deleted_stream_ids and not _is_of_import(task, known):
            warn(f"{task.file.path}: shorter or rewritten since it was last read; read anew")


def _is_of_import(task: ReadTask, before: KnownFile) -> bool:
    """Whether `voicetel import` wrote the file in place of the one ``before``: it writes its files anew, with every call that comes.

    It puts another file there. One that is the same and shorter was cut by somebody else.
    """
    from voicetel.importers.logs.existing import is_imported  # noqa: PLC0415  only where a file was written anew

    file = task.file
    is_same = (file.device, file.inode) == (before.file.device, before.file.inode)
    if is_same and task.fingerprint.length < before.fingerprint.length:
        return False
    try:
        with OpenLog.open(file.path) as log:
            return is_imported(log.read_at(0, PREFIX_BYTES))
    except OSError:
        return False
