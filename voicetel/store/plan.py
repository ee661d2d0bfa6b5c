"""What a run has to read: the files that are there, held against what the store remembers."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from voicetel.store.content import Content, Measure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from voicetel.store.discovery import LogFile


@dataclass(frozen=True, slots=True)
class Source:
    """A content that was read: how far, and the hashes by which it is known again."""

    number: int
    head: bytes
    length: int
    tail: bytes


@dataclass(frozen=True, slots=True)
class KnownPath:
    """What the store remembers of a path: the file as it was, and what it held."""

    file: LogFile
    measure: Measure
    source: int | None


@dataclass(slots=True)
class Reading:
    """One content to bring up to date: from ``start`` (0 for a new one) to the end of what ``file`` holds."""

    file: LogFile
    measure: Measure
    source: Source | None
    followers: list[tuple[LogFile, Measure]] = field(default_factory=list)

    @property
    def content(self) -> Content:
        """The bytes."""
        return Content(self.file.path)

    @property
    def head(self) -> bytes:
        """Hash of the first line."""
        if self.measure.head is None:
            raise ValueError(self.file.path)
        return self.measure.head

    @property
    def start(self) -> int:
        """Bytes of it that were read before."""
        return self.source.length if self.source else 0

    @property
    def number(self) -> int:
        """Number of its source, once it has one."""
        if self.source is None:
            raise ValueError(self.file.path)
        return self.source.number

    @property
    def bytes_to_read(self) -> int:
        """Bytes that are new."""
        return self.measure.length - self.start


@dataclass(slots=True)
class Plan:
    """What to read, what to forget, and the files in which not one line is whole yet."""

    readings: list[Reading]
    gone: list[Source]
    waiting: list[tuple[LogFile, Measure]]


def make_plan(
    files: Sequence[LogFile],
    sources: Iterable[Source],
    known_paths: Mapping[str, KnownPath],
    warn: Callable[[str], None],
) -> Plan:
    """Decide which files are one content, and how far each was read.

    A file that is a beginning of another is the same content. The outcome depends on the files alone, never on the
    order in which they came to be known; so it is what a first run over them would decide.
    """
    groups: defaultdict[bytes, list[tuple[LogFile, Measure]]] = defaultdict(list)
    waiting = []
    edited = set()
    for file in files:
        known = known_paths.get(file.path)
        if known and known.file == file:
            measure = known.measure
        else:
            try:
                measure = Content(file.path).measure()
            except OSError as error:
                warn(f"{file.path}: skipped: {error.strerror}")
                continue
            if known and known.file.size == file.size and known.file.inode == file.inode:
                edited.add(file.path)
        if measure.damage:
            warn(f"{file.path}: {measure.damage}; what came before it counts")
        if measure.head is None or measure.length == 0:
            waiting.append((file, measure))
        else:
            groups[measure.head].append((file, measure))
    unclaimed = defaultdict(list)
    for source in sources:
        unclaimed[source.head].append(source)
    readings = []
    for head, members in groups.items():
        for reading in _contents(members, known_paths):
            if reading.file.path not in edited:
                reading.source = _claim(reading, unclaimed[head])
            readings.append(reading)
    gone = [source for group in unclaimed.values() for source in group]
    _warn_of_rewritten(readings, gone, known_paths, warn)
    return Plan(sorted(readings, key=lambda reading: reading.file.path), gone, waiting)


def _contents(members: list[tuple[LogFile, Measure]], known_paths: Mapping[str, KnownPath]) -> list[Reading]:
    """Gather files of one head into contents: the longest leads, and what is a beginning of it follows."""
    members.sort(key=lambda member: (-member[1].length, member[0].path))
    leaders: list[Reading] = []
    for file, measure in members:
        for leader in leaders:
            if _begins(leader, file, measure, known_paths):
                leader.followers.append((file, measure))
                break
        else:
            leaders.append(Reading(file, measure, None))
    return leaders


def _begins(leader: Reading, file: LogFile, measure: Measure, known_paths: Mapping[str, KnownPath]) -> bool:
    """Whether a file is a beginning of the leader; what was found so before and has not changed need not be read."""
    if measure.length == leader.measure.length:
        return measure.tail == leader.measure.tail
    before, before_leader = known_paths.get(file.path), known_paths.get(leader.file.path)
    if before and before_leader and before.file == file and before_leader.file == leader.file:
        return before.source == before_leader.source
    return Content(leader.file.path).tails([measure.length]).get(measure.length) == measure.tail


def _claim(reading: Reading, candidates: list[Source]) -> Source | None:
    """The source that this content continues, if any, taken out of ``candidates``."""
    fitting = [source for source in candidates if source.length <= reading.measure.length]
    fitting.sort(key=lambda source: -source.length)
    if not fitting:
        return None
    if fitting[0].length == reading.measure.length and fitting[0].tail == reading.measure.tail:
        tails = {fitting[0].length: fitting[0].tail}
    else:
        tails = Content(reading.file.path).tails([source.length for source in fitting])
    for source in fitting:
        if tails.get(source.length) == source.tail:
            candidates.remove(source)
            return source
    return None


def _warn_of_rewritten(
    readings: Iterable[Reading],
    gone: Iterable[Source],
    known_paths: Mapping[str, KnownPath],
    warn: Callable[[str], None],
) -> None:
    lost = {source.number for source in gone}
    for reading in readings:
        known = known_paths.get(reading.file.path)
        if reading.source is None and known and known.source in lost:
            warn(f"{reading.file.path}: shorter or rewritten since it was last read; read anew")
