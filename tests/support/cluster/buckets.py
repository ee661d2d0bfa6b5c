"""An engine of one process: buckets one after the other, everything else as on a cluster."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Self

from voicetel.cluster.merge import merge
from voicetel.cluster.packed_tables import AGGREGATES, LINES, ROWS, encode
from voicetel.cluster.partition import PartitionTables, read_partition
from voicetel.cluster.routing.file_inspection import inspections_of
from voicetel.cluster.routing.route import route
from voicetel.cluster.routing.splits import tasks_of
from voicetel.cluster.second_pass import encode_for_second_pass

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from voicetel.cluster.job import Job
    from voicetel.cluster.packed_tables import Blob
    from voicetel.cluster.routing.splits import Split
    from voicetel.cluster.second_pass import SecondPass


class InProcess:
    """Runs every step here."""

    def __init__(self, cores: int = 2) -> None:
        self.cores = cores

    def inspect_files(self, files: Sequence[tuple[bytes, int]]) -> list[bytes]:
        """Here, too."""
        return list(inspections_of((number, path) for number, (path, _) in enumerate(files)))

    def partitions(self, job: Job, splits: Sequence[Split]) -> InProcessPartitions:
        """The partitions of the calls of ``splits``."""
        return InProcessPartitions(job, splits)


class InProcessPartitions:
    """All buckets, in memory."""

    def __init__(self, job: Job, splits: Sequence[Split]) -> None:
        self._job = job
        self._splits = splits
        self._found: list[PartitionTables] = []
        self._others: list[Blob] = []

    def __enter__(self) -> Self:
        lines: defaultdict[int, list[bytes]] = defaultdict(list)
        for task in tasks_of(self._splits, 1 << 16):
            for blob in route(task, self._job):
                if blob.kind == LINES:
                    lines[blob.bucket].append(blob.content)
                else:
                    self._others.append(blob)
        self._found = [read_partition(blobs, self._job) for blobs in lines.values()]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._found.clear()
        self._others.clear()

    def aggregates(self) -> bytes:
        """Added up on two levels."""
        blobs = [encode(each.aggregates) for each in self._found] + self._of_kind(AGGREGATES)
        return merge([merge(blobs[::2]), merge(blobs[1::2])])

    def run_second_pass(self, second_pass: SecondPass) -> bytes:
        """Of each partition by itself, then of all."""
        return merge(second_pass.run([blob]) for each in self._found if (blob := encode_for_second_pass(each)))

    def rows(self) -> list[bytes]:
        """The rows of calls of each partition, and those that were made on the way."""
        return [encode(each.rows) for each in self._found if each.rows] + self._of_kind(ROWS)

    def _of_kind(self, kind: str) -> list[bytes]:
        return [blob.content for blob in self._others if blob.kind == kind]
