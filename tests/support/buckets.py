"""An engine of one process: buckets one after the other, everything else as on a cluster."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Self

from voicetel.cluster.merge import merge
from voicetel.cluster.packed import encode
from voicetel.cluster.part import PartFindings, findings_of
from voicetel.cluster.question import kept_of
from voicetel.cluster.route import route
from voicetel.cluster.splits import tasks_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from voicetel.cluster.job import Job
    from voicetel.cluster.question import Question
    from voicetel.cluster.splits import Split


class InProcess:
    """Runs every step here."""

    def __init__(self, cores: int = 2) -> None:
        self.cores = cores

    def parts(self, job: Job, splits: Sequence[Split]) -> InProcessParts:
        """The parts of the calls of ``splits``."""
        return InProcessParts(job, splits)


class InProcessParts:
    """All buckets, in memory."""

    def __init__(self, job: Job, splits: Sequence[Split]) -> None:
        self._job = job
        self._splits = splits
        self._found: list[PartFindings] = []
        self._too_long = 0

    def __enter__(self) -> Self:
        lines: defaultdict[int, list[bytes]] = defaultdict(list)
        for task in tasks_of(self._splits, 1 << 16):
            for bucket, blob in route(task, self._job):
                if bucket < 0:
                    self._too_long += int.from_bytes(blob, "little")
                else:
                    lines[bucket].append(blob)
        self._found = [findings_of(blobs, self._job) for blobs in lines.values()]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._found.clear()

    def sums(self) -> tuple[bytes, int]:
        """Added up on two levels."""
        blobs = [encode(each.sums) for each in self._found]
        return merge([merge(blobs[::2]), merge(blobs[1::2])]), self._too_long

    def ask(self, question: Question) -> bytes:
        """Of each part by itself, then of all."""
        return merge(question.of_all([kept]) for each in self._found if (kept := kept_of(each)))

    def rows(self) -> list[bytes]:
        """The rows of calls of each part."""
        return [encode(each.rows) for each in self._found if each.rows]
