"""An engine of one process: buckets one after the other, everything else as on a cluster."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Self

from voicetel.cluster.merge import merge
from voicetel.cluster.packed_tables import encode
from voicetel.cluster.partition import PartitionTables, read_partition
from voicetel.cluster.route import route
from voicetel.cluster.second_pass import encode_persisted
from voicetel.cluster.splits import tasks_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from voicetel.cluster.job import Job
    from voicetel.cluster.second_pass import SecondPass
    from voicetel.cluster.splits import Split


class InProcess:
    """Runs every step here."""

    def __init__(self, cores: int = 2) -> None:
        self.cores = cores

    def partitions(self, job: Job, splits: Sequence[Split]) -> InProcessPartitions:
        """The partitions of the calls of ``splits``."""
        return InProcessPartitions(job, splits)


class InProcessPartitions:
    """All buckets, in memory."""

    def __init__(self, job: Job, splits: Sequence[Split]) -> None:
        self._job = job
        self._splits = splits
        self._found: list[PartitionTables] = []
        self._too_long = 0

    def __enter__(self) -> Self:
        lines: defaultdict[int, list[bytes]] = defaultdict(list)
        for task in tasks_of(self._splits, 1 << 16):
            for bucket, blob in route(task, self._job):
                if bucket < 0:
                    self._too_long += int.from_bytes(blob, "little")
                else:
                    lines[bucket].append(blob)
        self._found = [read_partition(blobs, self._job) for blobs in lines.values()]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._found.clear()

    def sums(self) -> tuple[bytes, int]:
        """Added up on two levels."""
        blobs = [encode(each.sums) for each in self._found]
        return merge([merge(blobs[::2]), merge(blobs[1::2])]), self._too_long

    def run_second_pass(self, second_pass: SecondPass) -> bytes:
        """Of each partition by itself, then of all."""
        return merge(second_pass.run([blob]) for each in self._found if (blob := encode_persisted(each)))

    def rows(self) -> list[bytes]:
        """The rows of calls of each partition."""
        return [encode(each.rows) for each in self._found if each.rows]
