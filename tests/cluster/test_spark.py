"""Reports on Spark are those of one machine, to the last byte, whatever becomes of executors and workers."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pyspark
import pytest

import voicetel
from support.cluster.buckets import InProcess
from support.cluster.parity import REPORTS, on_many, on_one_machine
from support.cluster.spark_cluster import standalone_cluster
from support.example_logs.dealt_logs import START, asked, write_dealt
from support.soak import SOAK
from voicetel.analyzers.core.selection import ALL_CALLS
from voicetel.cluster.exports.export import export_parquet
from voicetel.cluster.job import Job
from voicetel.cluster.routing.partition_keys import partition_keys
from voicetel.cluster.sample import SAMPLE
from voicetel.cluster.spark import SparkEngine, SparkPartitions, session
from voicetel.errors import UsageError, VoicetelError
from voicetel.outcomes import load_rules
from voicetel.pricing import load_card

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession

    from support.cluster.spark_cluster import Cluster

pytestmark = pytest.mark.filterwarnings(
    "ignore::FutureWarning", "ignore::DeprecationWarning", "ignore::ResourceWarning"
)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A master and two workers of one core each, on 127.0.0.1, ended by pid."""
    with standalone_cluster(tmp_path_factory.mktemp("cluster"), workers=2) as found:
        yield found


@pytest.fixture(scope="module")
def spark(cluster: Cluster) -> Iterator[SparkSession]:
    """A session on it."""
    with session(cluster.master, {"spark.executor.memory": "512m", "spark.cores.max": "2"}) as found:
        yield found


@pytest.mark.parametrize("seed", range(100, 148 if SOAK else 104))
def test_random_logs(seed: int, tmp_path: Path, spark: SparkSession) -> None:
    """One report of each log."""
    random = Random(seed)
    folder = write_dealt(tmp_path / "logs", random)
    report = ("analyze", "calls", "concurrency", SAMPLE, *REPORTS)[seed % 16]
    question = asked(random, of_calls=report not in {"analyze", "cost"})
    assert on_many(SparkEngine(spark), folder, report, question, 2) == on_one_machine(folder, report, question)


def test_more_splits_than_every_task_is_told_of(
    tmp_path: Path, spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each task is sent its own splits alone."""
    monkeypatch.setattr("voicetel.cluster.spark.MAX_TOLD", 0)
    random = Random(9)
    folder = write_dealt(tmp_path / "logs", random)
    question = asked(random)
    assert on_many(SparkEngine(spark), folder, "analyze", question, 3) == on_one_machine(folder, "analyze", question)


def test_one_call_with_most_of_the_lines(tmp_path: Path, spark: SparkSession) -> None:
    """A call of a million turns that never ends: its bucket is one task."""
    random = Random(5)
    folder = write_dealt(tmp_path / "logs", random)
    with (folder / "endless.jsonl").open("w") as file:
        for turn in range(1, 1_000_001):
            ts = (START + timedelta(seconds=turn)).isoformat()
            file.write(
                f'{{"v":1,"event":"turn","ts":"{ts}","call_id":"endless","turn":{turn},"eou_latency_ms":{turn % 997}}}\n'
            )
    question = asked(random)
    assert on_many(SparkEngine(spark), folder, "analyze", question, 3) == on_one_machine(folder, "analyze", question)


def test_load_with_a_session(tmp_path: Path, spark: SparkSession) -> None:
    """``voicetel.load(…, engine=spark)`` gives what it gives without; what it does not do is one line."""
    folder = write_dealt(tmp_path / "logs", Random(3))
    with voicetel.load(folder, engine=spark) as many, voicetel.load(folder, cache=False) as one:
        by_agent = many.answer("dropoff", by="agent_name")
        assert by_agent == one.answer("dropoff", by="agent_name")
        assert many.calls().equals(one.calls())
        with pytest.raises(UsageError, match="latency is not computed on a cluster"):
            many.latency()
        with pytest.raises(UsageError, match="check is not computed on a cluster"):
            many.answer("check")
        with pytest.raises(UsageError, match="has no option 'dead_air'"):
            many.frame("tools", dead_air=1)
    assert spark.conf.get("spark.sql.adaptive.enabled") == "true"  # its settings are as they were


def test_a_session_keeps_its_settings_whatever_happens(spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where reading cannot be begun, and where what was read cannot be let go of."""

    def fail(*_: object) -> None:
        raise ConnectionError("it is gone")

    job = Job("analyze", ALL_CALLS, load_card(None), load_rules(), 2)
    with SparkPartitions(spark, job, [[]]) as partitions:
        assert spark.conf.get("spark.sql.adaptive.enabled") == "false"
        monkeypatch.setattr(type(partitions._dataframe), "unpersist", fail)
    assert spark.conf.get("spark.sql.adaptive.enabled") == "true"
    monkeypatch.setattr(SparkPartitions, "_read_partitions", fail)
    with pytest.raises(VoicetelError, match="Spark: it is gone"), SparkPartitions(spark, job, [[]]):
        pass
    assert spark.conf.get("spark.sql.adaptive.enabled") == "true"


def test_partitions_are_hit(spark: SparkSession) -> None:
    """The numbers that stand for partitions are those that Spark's own hash puts there."""
    keys = partition_keys(7)
    rows = spark.sql(f"SELECT pmod(hash(key), 7) AS part FROM VALUES {', '.join(f'({key})' for key in keys)} AS t(key)")
    assert [row.part for row in rows.collect()] == list(range(7))


def test_workers_have_the_spark_that_is_installed(spark: SparkSession) -> None:
    """Not the archive of it, which every one of them would compile."""
    found = spark.sparkContext.parallelize([0], 1).map(lambda _: (pyspark.__file__, list(sys.path_importer_cache)))
    ((file, looked_into),) = found.collect()
    assert file == pyspark.__file__
    assert not [each for each in looked_into if each.endswith((".zip", ".jar"))]


def test_an_executor_is_killed(tmp_path: Path, cluster: Cluster, spark: SparkSession) -> None:
    """SIGKILL in the middle of a run: what it had done is done again, and counted once."""
    random = Random(7)
    folder = write_dealt(tmp_path / "logs", random, calls=40)
    question = asked(random)
    expected = on_one_machine(folder, "analyze", question)
    killer = subprocess.Popen([sys.executable, "-c", _KILL_LATER, str(cluster.executors()[0]), "1"])
    found = on_many(SparkEngine(spark), folder, "analyze", question, 4)
    assert killer.poll() == 0  # it was killed before the run was over
    assert found == expected


def test_a_worker_is_killed(tmp_path: Path, cluster: Cluster, spark: SparkSession) -> None:
    """SIGKILL of a worker and its executor: the other does the work of both. The last test of this cluster."""
    random = Random(8)
    folder = write_dealt(tmp_path / "logs", random, calls=20)
    question = asked(random)
    expected = on_one_machine(folder, "calls", question)
    cluster.kill_worker()
    assert on_many(SparkEngine(spark), folder, "calls", question, 3) == expected


def test_a_killed_driver_leaves_nothing_half_written(tmp_path: Path) -> None:
    """SIGKILL when a part is written and others are not: there is no folder of that name, and the next export makes it."""
    folder = write_dealt(tmp_path / "logs", Random(11), calls=200)
    target = tmp_path / "out" / "lake"
    target.parent.mkdir()
    command = ["export", str(folder), "--parquet", str(target), "--engine", "spark", "--master", "local[1]"]
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    driver = subprocess.Popen([sys.executable, "-m", "voicetel", *command], env=environment)
    while driver.poll() is None and not list(target.parent.rglob("part_*.parquet")):
        time.sleep(0.02)
    driver.kill()
    assert driver.wait() == -signal.SIGKILL
    assert [path.name[:6] for path in target.parent.iterdir()] == [".lake."]
    job = Job("calls", ALL_CALLS, load_card(None), load_rules(), 2)
    done = export_parquet(InProcess(), [str(folder)], lambda _: job, target, with_text=False)
    assert done.summary.tables["call_metrics"].inserted == 200


_KILL_LATER = "import os, signal, sys, time; time.sleep(float(sys.argv[2])); os.kill(int(sys.argv[1]), signal.SIGKILL)"


def test_executors_look_into_files(tmp_path: Path, spark: SparkSession) -> None:
    """They say what the driver would find, each of its own files, one of which has a name that is no text."""
    folder = write_dealt(tmp_path / "logs", Random(12))
    (folder / "packed.jsonl.gz").write_bytes(gzip.compress(b"no JSON\n"))
    (folder / os.fsdecode(b"\xff.jsonl")).write_bytes(b"{}\n")
    files = [(os.fsencode(path), path.stat().st_size) for path in folder.iterdir()] + [(b"/nowhere.jsonl", 0)]
    assert sorted(SparkEngine(spark).inspect_files(files)) == sorted(InProcess().inspect_files(files))


def test_the_command(tmp_path: Path) -> None:
    """``voicetel validate --engine spark`` writes what it writes without, and nothing of the JVM's to stderr."""
    folder = write_dealt(tmp_path / "logs", Random(9))
    (folder / "vendor.jsonl").write_text('{"call_id": "v-1", "transcript": "Hi"}\n')
    (folder / os.fsdecode(b"\xff.jsonl")).write_text("no JSON\n")
    command = [sys.executable, "-m", "voicetel", "validate", str(folder)]
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    one = subprocess.run(command, capture_output=True, check=True, env=environment)
    spark = [*command, "--engine", "spark", "--master", "local[1]"]
    many = subprocess.run(spark, capture_output=True, check=True, env=environment)
    assert (many.stdout, many.stderr) == (one.stdout, one.stderr)
    assert b"vendor.jsonl looks like JSON lines of another format" in one.stdout


def test_the_script_for_spark_submit(tmp_path: Path) -> None:
    """``spark-submit spark_submit.py outcomes …`` writes what the command writes."""
    folder = write_dealt(tmp_path / "logs", Random(10))
    python = {"PYSPARK_PYTHON": sys.executable, "PYSPARK_DRIVER_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    environment = {**os.environ, **python, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    command = ["outcomes", str(folder), "--json"]
    one = subprocess.run([sys.executable, "-m", "voicetel", *command], capture_output=True, check=True, env=environment)
    submit = Path(pyspark.__file__).parent / "bin" / "spark-submit"
    script = Path(voicetel.__file__).parent / "cli" / "spark_submit.py"
    many = subprocess.run(
        [str(submit), "--master", "local[1]", str(script), *command], capture_output=True, check=True, env=environment
    )
    assert many.stdout == one.stdout
