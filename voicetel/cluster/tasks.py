"""What the tasks of a cluster do to the rows that Spark has for them: this much of it knows nothing of Spark."""

from __future__ import annotations

import contextlib
import functools
import gc
import os
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from voicetel.cluster.packed_tables import AGGREGATES, FOR_SECOND_PASS, LINES, ROWS, Blob, encode
from voicetel.cluster.partition import read_partition
from voicetel.cluster.routing.file_inspection import inspections_of
from voicetel.cluster.routing.route import route
from voicetel.cluster.routing.splits import Split
from voicetel.cluster.second_pass import encode_for_second_pass
from voicetel.without_pandas import without_pandas

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from voicetel.cluster.job import Job

    Batches = Iterable[pa.RecordBatch]
    Work = Callable[[Batches], Iterator[pa.RecordBatch]]

SCHEMA = "kind string, bucket int, blob binary"
"""Of the rows that every task makes, as Spark writes it: a row is a ``Blob``."""

WITHOUT_PANDAS = "VOICETEL_WITHOUT_PANDAS"
"""Set in the environment of executors that work for nobody else: their Python workers do without pandas, which pyarrow would load."""

_BATCH_BYTES = 4 << 20


def _without_pandas(work: Work) -> Work:
    """``work`` without pandas, where nobody else needs it: to load it costs each worker a third of a second, and some memory."""

    def alone(batches: Batches) -> Iterator[pa.RecordBatch]:
        _freeze_modules()
        with without_pandas() if WITHOUT_PANDAS in os.environ else contextlib.nullcontext():
            yield from work(batches)

    return alone


@functools.cache
def _freeze_modules() -> None:
    """Leave what this process has loaded out of collections from now on: Spark's worker collects after every task, and looks at all of it."""
    gc.freeze()


def file_inspector() -> Work:
    """Rows of ``number`` and ``path`` of files → what ``inspections_of`` says of them."""

    def work(batches: Batches) -> Iterator[pa.RecordBatch]:
        files = ((row["number"], row["path"]) for batch in batches for row in batch.to_pylist())
        yield from _batches(Blob(ROWS, 0, each) for each in inspections_of(files))

    return _without_pandas(work)


def router(job: Job) -> Work:
    """Rows that are splits → their lines, routed."""

    def work(batches: Batches) -> Iterator[pa.RecordBatch]:
        yield from _routed((row for batch in batches for row in batch.to_pylist()), job)

    return _without_pandas(work)


def router_of(tasks: Sequence[Sequence[dict[str, Any]]], job: Job) -> Work:
    """Rows that are numbers of ``tasks``, which are lists of splits → the lines of these, routed."""

    def work(batches: Batches) -> Iterator[pa.RecordBatch]:
        numbers = (number for batch in batches for number in batch.column("id").to_pylist())
        yield from _routed((row for number in numbers for row in tasks[number]), job)

    return _without_pandas(work)


def _routed(rows: Iterable[dict[str, Any]], job: Job) -> Iterator[pa.RecordBatch]:
    splits = (Split(**row | {"path": os.fsdecode(row["path"])}) for row in rows)
    return _batches(route(splits, job))


def partition_reader(job: Job) -> Work:
    """The lines of one bucket → what its calls add. What was found on the way is handed on."""

    def work(batches: Batches) -> Iterator[pa.RecordBatch]:
        others: list[Blob] = []
        lines = _lines_of(batches, others)
        first = next(lines, None)
        blobs: list[Blob] = []
        if first is not None:
            found = read_partition(_with_first(first, lines), job)
            blobs.append(Blob(AGGREGATES, 0, encode(found.aggregates)))
            blobs += [Blob(FOR_SECOND_PASS, 0, kept)] if (kept := encode_for_second_pass(found)) else []
            blobs += [Blob(ROWS, 0, encode(found.rows))] if found.rows else []
        yield from _batches([*blobs, *others])

    return _without_pandas(work)


def _lines_of(batches: Batches, others: list[Blob]) -> Iterator[bytes]:
    for blob in _blobs(batches):
        if blob.kind == LINES:
            yield blob.content
        else:
            others.append(blob)


def _with_first(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def adder(add_up: Callable[[Iterable[bytes]], bytes]) -> Work:
    """Blobs → the one that they add up to."""

    def work(batches: Batches) -> Iterator[pa.RecordBatch]:
        yield from _batches([Blob(AGGREGATES, 0, add_up(blob.content for blob in _blobs(batches)))])

    return _without_pandas(work)


def _blobs(batches: Batches) -> Iterator[Blob]:
    for batch in batches:
        for kind, blob in zip(batch.column("kind").to_pylist(), batch.column("blob"), strict=True):
            yield Blob(kind, 0, blob.as_py())


def _batches(blobs: Iterable[Blob]) -> Iterator[pa.RecordBatch]:
    """Record batches of a few MB, so that none is larger than a task's memory."""
    waiting: list[Blob] = []
    size = 0
    for blob in blobs:
        waiting.append(blob)
        size += len(blob.content)
        if size >= _BATCH_BYTES:
            yield _batch(waiting)
            waiting, size = [], 0
    if waiting:
        yield _batch(waiting)


def _batch(blobs: list[Blob]) -> pa.RecordBatch:
    kinds, buckets, contents = zip(*blobs, strict=True)
    columns = [pa.array(kinds, pa.string()), pa.array(buckets, pa.int32()), pa.array(contents, pa.binary())]
    return pa.record_batch(columns, ["kind", "bucket", "blob"])
