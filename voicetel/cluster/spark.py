"""Apache Spark as the engine: the one file that imports pyspark. The DataFrame API alone, so that 3.5 and 4.x work."""

from __future__ import annotations

import contextlib
import functools
import gc
import os
import sys
import warnings
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Self, TypeAlias

import pyarrow as pa

from voicetel.cluster.merge import merge
from voicetel.cluster.packed_tables import LINES, PERSISTED, ROWS, SUMS, Blob, encode
from voicetel.cluster.partition import read_partition
from voicetel.cluster.routing.looks import look_into_files, shared_out
from voicetel.cluster.routing.route import route
from voicetel.cluster.routing.splits import Split, bytes_of_task, tasks_of
from voicetel.cluster.second_pass import encode_persisted
from voicetel.errors import VoicetelError
from voicetel.without_pandas import without_pandas

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from types import TracebackType

    from pyspark.sql import DataFrame, SparkSession

    from voicetel.cluster.job import Job
    from voicetel.cluster.second_pass import SecondPass

    Batches = Iterable[pa.RecordBatch]
    Work = Callable[[Batches], Iterator[pa.RecordBatch]]

Session: TypeAlias = "SparkSession"

TREE_WIDTH = 32
"""Tasks in which the sums of all buckets are added up, before the driver adds up theirs."""

_SCHEMA = "kind string, bucket int, blob binary"
_SPLITS = {"task": "int", "stream": "int", "path": "binary", "start": "long", "end": "long", "length": "long"}
_FILES = {"task": "int", "number": "int", "path": "binary"}
_BATCH_BYTES = 4 << 20
_BLOBS_AT_ONCE = "spark.sql.execution.arrow.maxRecordsPerBatch"
_JAVA = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"
"""Almost no work is done in the JVM: starting fast is worth more than compiling well."""

WITHOUT_PANDAS = "VOICETEL_WITHOUT_PANDAS"
"""Set in the environment of executors that work for nobody else: their Python workers do without pandas, which pyarrow would load."""

_ALWAYS = {
    "spark.ui.showConsoleProgress": "false",
    "spark.io.encryption.enabled": "true",  # lines travel with their words
    "spark.executorEnv.PYTHONWARNINGS": "ignore",
    "spark.python.daemon.module": "voicetel.cluster.worker_daemon",
    # What a worker no longer needs goes back to the system: its JVM, and a run of another kind, want the memory next.
    "spark.executorEnv.MALLOC_ARENA_MAX": "1",
    "spark.executorEnv.ARROW_DEFAULT_MEMORY_POOL": "system",
    "spark.executorEnv.OPENBLAS_NUM_THREADS": "1",
    f"spark.executorEnv.{WITHOUT_PANDAS}": "1",
    "spark.shuffle.compress": "false",  # lines are packed by us
    "spark.log.level": "ERROR",
}

_WITH_MASTER = {
    "spark.ui.enabled": "false",
    "spark.executor.memory": "1g",
    "spark.driver.memory": "1g",
    "spark.driver.extraJavaOptions": _JAVA,
    "spark.executor.extraJavaOptions": _JAVA,
}
"""Where the master is named here. Else Spark's own settings say where it is, and how large executors are."""

_STARTED_BY_SUBMIT = "PYSPARK_GATEWAY_PORT"
"""spark-submit sets it, and says by itself which Python runs."""

_ON_THIS_MACHINE = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}


@contextlib.contextmanager
def session(master: str | None, conf: Mapping[str, str]) -> Iterator[SparkSession]:
    """A session of this run's own, stopped afterwards. ``master`` None: the one that spark-submit or Spark's settings name.

    Raises VoicetelError without pyspark, or where no session comes up.
    """
    try:
        from pyspark.sql import SparkSession  # noqa: PLC0415  the extra
    except ImportError as error:
        raise VoicetelError("Spark needs the package pyspark", hint="pip install 'voicetel[spark]'") from error

    if _STARTED_BY_SUBMIT not in os.environ:
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("voicetel")
    if master:
        builder = builder.master(master)
    sizes = _WITH_MASTER if master else {}
    here = _ON_THIS_MACHINE if master and master.startswith(("local", "spark://127.0.0.1:")) else {}
    for name, value in {**_ALWAYS, **sizes, **here, **conf}.items():
        builder = builder.config(name, value)
    with _spark_errors(), _quiet():
        spark = builder.getOrCreate()
    try:
        yield spark
    finally:
        spark.stop()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep what the JVM writes to stderr, from its first line to its last, out of the answer's way: what goes wrong is raised."""
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


class SparkEngine:
    """Runs in a session, whose it is to end."""

    def __init__(self, spark: SparkSession) -> None:
        self.spark = spark

    @property
    def cores(self) -> int:
        """How many tasks run at a time, as far as the session says."""
        try:
            return max(1, int(self.spark.sparkContext.defaultParallelism))
        except Exception:  # noqa: BLE001  Spark Connect has no context, and says so in errors of several kinds
            return 8

    def look(self, files: Sequence[tuple[bytes, int]]) -> list[bytes]:
        """Some files in each task."""
        tasks = min(len(files), 4 * self.cores)
        keys = partition_keys(tasks)
        shared = zip(shared_out(files, tasks), enumerate(files), strict=True)
        rows = [(keys[task], number, path) for task, (number, (path, _)) in shared]
        with _spark_errors():
            listed = _listed(self.spark, rows, _FILES).repartition(tasks, "task").drop("task")
            return [bytes(row.blob) for row in listed.mapInArrow(_without_pandas(_look_into_files), _SCHEMA).collect()]

    def partitions(self, job: Job, splits: Sequence[Split]) -> SparkPartitions:
        """The partitions of the calls of ``splits``."""
        return SparkPartitions(self.spark, job, tasks_of(splits, bytes_of_task(splits, self.cores)) or [[]])


class SparkPartitions:
    """What every bucket came to, persisted by the executors: in memory, else on their disks."""

    def __init__(self, spark: SparkSession, job: Job, tasks: Sequence[Sequence[Split]]) -> None:
        self._spark = spark
        self._job = job
        self._tasks = tasks
        self._partitions_read: DataFrame | None = None
        self._before: str | None = None

    def __enter__(self) -> Self:
        from pyspark import StorageLevel  # noqa: PLC0415  the extra

        self._before = self._spark.conf.get(_BLOBS_AT_ONCE)
        self._spark.conf.set(_BLOBS_AT_ONCE, "16")
        with _spark_errors():
            self._partitions_read = self._read_partitions().persist(StorageLevel.MEMORY_AND_DISK)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(Exception):  # a cluster that is gone holds nothing any more
            self._dataframe.unpersist()
            self._spark.conf.set(_BLOBS_AT_ONCE, self._before or "10000")

    def sums(self) -> bytes:
        """Added up by some tasks, then here."""
        return merge(self._collected(SUMS, merge))

    def run_second_pass(self, second_pass: SecondPass) -> bytes:
        """As ``sums``."""
        return merge(self._collected(PERSISTED, second_pass.run))

    def rows(self) -> list[bytes]:
        """The rows of each bucket, or those that were made on the way."""
        with _spark_errors():
            return [bytes(row.blob) for row in self._dataframe.where(f"kind = '{ROWS}'").collect()]

    @property
    def _dataframe(self) -> DataFrame:
        if self._partitions_read is None:
            raise TypeError("the partitions have not been read")
        return self._partitions_read

    def _read_partitions(self) -> DataFrame:
        from pyspark.sql import functions  # noqa: PLC0415  the extra

        job = self._job
        keys = partition_keys(len(self._tasks))
        rows = [
            (key, *(asdict(split) | {"path": os.fsencode(split.path)}).values())  # not every name is text
            for key, task in zip(keys, self._tasks, strict=True)
            for split in task
        ]
        listed = _listed(self._spark, rows, _SPLITS).repartition(len(self._tasks), "task").drop("task")
        lines = listed.mapInArrow(_router(job), _SCHEMA)
        places = functions.array(*[functions.lit(key) for key in partition_keys(job.buckets)])
        placed = lines.withColumn("place", places[functions.col("bucket")])
        return placed.repartition(job.buckets, "place").drop("place").mapInArrow(_partition_reader(job), _SCHEMA)

    def _collected(self, kind: str, add_up: Callable[[Iterable[bytes]], bytes]) -> list[bytes]:
        blobs = self._dataframe.where(f"kind = '{kind}'").coalesce(min(TREE_WIDTH, self._job.buckets))
        with _spark_errors():
            return [bytes(row.blob) for row in blobs.mapInArrow(_adder(add_up), _SCHEMA).collect()]


def _listed(spark: SparkSession, rows: Sequence[tuple[Any, ...]], columns: Mapping[str, str]) -> DataFrame:
    """Rows that the driver has. Of Arrow's tables, which Spark takes from 4.0 on; of tuples every executor would start a Python for it."""
    import pyspark  # noqa: PLC0415  the extra

    if int(pyspark.__version__.partition(".")[0]) < _TAKES_ARROW:
        return spark.createDataFrame(rows, ", ".join(f"{name} {kind}" for name, kind in columns.items()))
    schema = pa.schema([(name, _ARROW_TYPES[kind]) for name, kind in columns.items()])
    values = zip(*rows, strict=True) if rows else [()] * len(columns)
    arrays = [pa.array(each, field.type) for each, field in zip(values, schema, strict=True)]
    return spark.createDataFrame(pa.table(arrays, schema=schema))


_TAKES_ARROW = 4
_ARROW_TYPES = {"int": pa.int32(), "long": pa.int64(), "binary": pa.binary()}


def partition_keys(count: int) -> list[int]:
    """For each of ``count`` partitions a number that Spark's own hash puts there: else a third of them would stay empty."""
    found: dict[int, int] = {}
    number = 0
    while len(found) < count:
        found.setdefault(_spark_hash(number) % count, number)
        number += 1
    return [found[partition] for partition in range(count)]


def _spark_hash(number: int) -> int:
    """``hash`` of an int column, as Spark repartitions by it: Murmur3 (Austin Appleby, public domain) of 4 bytes, seed 42."""
    k = number * 0xCC9E2D51 & _WORD
    k = (k << 15 | k >> 17) & _WORD
    h = 42 ^ (k * 0x1B873593 & _WORD)
    h = (h << 13 | h >> 19) & _WORD
    h = (h * 5 + 0xE6546B64 & _WORD) ^ 4
    h = (h ^ h >> 16) * 0x85EBCA6B & _WORD
    h = (h ^ h >> 13) * 0xC2B2AE35 & _WORD
    h ^= h >> 16
    return h - (1 << 32) if h >> 31 else h


_WORD = 0xFFFFFFFF


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


def _look_into_files(batches: Batches) -> Iterator[pa.RecordBatch]:
    files = ((row["number"], row["path"]) for batch in batches for row in batch.to_pylist())
    yield from _batches(Blob(ROWS, 0, look) for look in look_into_files(files))


def _router(job: Job) -> Work:
    def work(batches: Batches) -> Iterator[pa.RecordBatch]:
        rows = (row for batch in batches for row in batch.to_pylist())
        splits = (Split(**row | {"path": os.fsdecode(row["path"])}) for row in rows)
        yield from _batches(route(splits, job))

    return _without_pandas(work)


def _partition_reader(job: Job) -> Work:
    def work(batches: Batches) -> Iterator[pa.RecordBatch]:
        others: list[Blob] = []
        lines = _lines_of(batches, others)
        first = next(lines, None)
        blobs: list[Blob] = []
        if first is not None:
            found = read_partition(_with_first(first, lines), job)
            blobs.append(Blob(SUMS, 0, encode(found.sums)))
            blobs += [Blob(PERSISTED, 0, kept)] if (kept := encode_persisted(found)) else []
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


def _adder(add_up: Callable[[Iterable[bytes]], bytes]) -> Work:
    def work(batches: Batches) -> Iterator[pa.RecordBatch]:
        yield from _batches([Blob(SUMS, 0, add_up(blob.content for blob in _blobs(batches)))])

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


@contextlib.contextmanager
def _spark_errors() -> Iterator[None]:
    """What goes wrong in Spark as one line: the last of a worker's traceback, or the first of a message."""
    from py4j.protocol import Py4JError  # noqa: PLC0415  the extra
    from pyspark.errors import PySparkException  # noqa: PLC0415

    try:
        yield
    except (PySparkException, Py4JError, OSError, RuntimeError) as error:
        raise VoicetelError(f"Spark: {_line_of(str(error))}") from error


def _line_of(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    own = [line for line in lines if line.startswith("voicetel.")]
    found: Any = own[0] if own else next(iter(lines), "it failed without a word")
    return str(found).partition("Error: ")[2] if own else str(found)
