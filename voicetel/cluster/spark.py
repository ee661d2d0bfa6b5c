"""Apache Spark as the engine: the one file that imports pyspark. The DataFrame API alone, so that 3.5 and 4.x work."""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Self, TypeAlias

import pyarrow as pa

from voicetel.cluster.merge import merge
from voicetel.cluster.packed_tables import AGGREGATES, FOR_SECOND_PASS, ROWS
from voicetel.cluster.routing.file_inspection import shared_out
from voicetel.cluster.routing.partition_keys import partition_keys
from voicetel.cluster.routing.splits import bytes_of_task, tasks_of
from voicetel.cluster.tasks import SCHEMA, WITHOUT_PANDAS, adder, file_inspector, partition_reader, router, router_of
from voicetel.errors import VoicetelError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from types import TracebackType

    from pyspark.sql import DataFrame, SparkSession

    from voicetel.cluster.job import Job
    from voicetel.cluster.routing.splits import Split
    from voicetel.cluster.second_pass import SecondPass

Session: TypeAlias = "SparkSession"

TREE_WIDTH = 32
"""Tasks in which the aggregates of all buckets are merged, before the driver merges theirs."""

MAX_TOLD = 10_000
"""Splits that every task is told of, a megabyte; of more each is told of its own."""

_SPLITS = {"task": "int", "stream": "int", "path": "binary", "start": "long", "end": "long", "length": "long"}
_FILES = {"task": "int", "number": "int", "path": "binary"}
_WHILE_IT_RUNS = {
    "spark.sql.execution.arrow.maxRecordsPerBatch": "16",  # blobs, not rows
    "spark.sql.adaptive.enabled": "false",  # it runs each stage as a job of its own, with a pause before the next
}
"""Settings of the session while an answer is computed."""
_JAVA = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"
"""Almost no work is done in the JVM: starting fast is worth more than compiling well."""

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
    # A row is a block of lines, and there are few: Java made for a query would take longer to compile than to save.
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
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

    def inspect_files(self, files: Sequence[tuple[bytes, int]]) -> list[bytes]:
        """Some files in each task."""
        tasks = min(len(files), 4 * self.cores)
        keys = partition_keys(tasks)
        shared = zip(shared_out(files, tasks), enumerate(files), strict=True)
        rows = [(keys[task], number, path) for task, (number, (path, _)) in shared]
        with _spark_errors():
            listed = _listed(self.spark, rows, _FILES).repartition(tasks, "task").drop("task")
            return [bytes(row.blob) for row in listed.mapInArrow(file_inspector(), SCHEMA).collect()]

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
        self._before: dict[str, str | None] = {}

    def __enter__(self) -> Self:
        from pyspark import StorageLevel  # noqa: PLC0415  the extra

        for name, value in _WHILE_IT_RUNS.items():
            self._before[name] = self._spark.conf.get(name)
            self._spark.conf.set(name, value)
        try:
            with _spark_errors():
                self._partitions_read = self._read_partitions().persist(StorageLevel.MEMORY_AND_DISK)
        except BaseException:
            self._restore_settings()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(Exception):  # a cluster that is gone holds nothing any more
            self._dataframe.unpersist()
        self._restore_settings()

    def _restore_settings(self) -> None:
        """The session may be somebody's: it goes on with the settings that it had."""
        with contextlib.suppress(Exception):  # a session that has ended has none any more
            for name, value in self._before.items():
                if value is None:
                    self._spark.conf.unset(name)
                else:
                    self._spark.conf.set(name, value)

    def aggregates(self) -> bytes:
        """Added up by some tasks, of few buckets at once here."""
        blobs = self._of_kind(AGGREGATES)
        return merge(_content_of(blobs) if self._job.buckets <= TREE_WIDTH else self._added_up(blobs, merge))

    def run_second_pass(self, second_pass: SecondPass) -> bytes:
        """As ``aggregates``."""
        return merge(self._added_up(self._of_kind(FOR_SECOND_PASS), second_pass.run))

    def rows(self) -> list[bytes]:
        """The rows of each bucket, or those that were made on the way."""
        return _content_of(self._of_kind(ROWS))

    @property
    def _dataframe(self) -> DataFrame:
        if self._partitions_read is None:
            raise TypeError("the partitions have not been read")
        return self._partitions_read

    def _read_partitions(self) -> DataFrame:
        from pyspark.sql import functions  # noqa: PLC0415  the extra

        job = self._job
        keys = functions.array(*[functions.lit(key) for key in partition_keys(job.buckets)])
        placed = self._lines().withColumn("partition_key", keys[functions.col("bucket")])
        by_key = placed.repartition(job.buckets, "partition_key").drop("partition_key")
        return by_key.mapInArrow(partition_reader(job), SCHEMA)

    def _lines(self) -> DataFrame:
        """All lines, routed. A task is told its splits with the work; so many splits that each should have its own alone are shuffled."""
        tasks = [[_row_of(split) for split in task] for task in self._tasks]
        if sum(map(len, tasks)) <= MAX_TOLD:
            return self._spark.range(0, len(tasks), 1, len(tasks)).mapInArrow(router_of(tasks, self._job), SCHEMA)
        keys = partition_keys(len(tasks))
        rows = [(key, *split.values()) for key, task in zip(keys, tasks, strict=True) for split in task]
        listed = _listed(self._spark, rows, _SPLITS).repartition(len(tasks), "task").drop("task")
        return listed.mapInArrow(router(self._job), SCHEMA)

    def _of_kind(self, kind: str) -> DataFrame:
        return self._dataframe.where(f"kind = '{kind}'")

    def _added_up(self, blobs: DataFrame, add_up: Callable[[Iterable[bytes]], bytes]) -> list[bytes]:
        some = blobs if self._job.buckets <= TREE_WIDTH else blobs.coalesce(TREE_WIDTH)
        return _content_of(some.mapInArrow(adder(add_up), SCHEMA))


def _row_of(split: Split) -> dict[str, Any]:
    return asdict(split) | {"path": os.fsencode(split.path)}  # not every name is text


def _content_of(blobs: DataFrame) -> list[bytes]:
    with _spark_errors():
        return [bytes(row.blob) for row in blobs.select("blob").collect()]


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
