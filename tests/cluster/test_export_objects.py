"""Parquet that executors write into object storage: the rows of one machine, and a list that names every file. A real S3 server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from random import Random
from typing import TYPE_CHECKING, Never

import pyarrow.fs
import pytest

from support.cluster.buckets import InProcess
from support.example_logs.dealt_logs import Asked, asked, write_dealt
from support.exports.exported_folder import job_of, rows_of, write_open_calls
from support.servers.object_server import BUCKET, ENVIRONMENT, object_server
from voicetel.cluster.exports.export import export_parquet
from voicetel.errors import NoDataError, UsageError
from voicetel.exporters.files import MARKER, write_parquet
from voicetel.exporters.rows import parts_of
from voicetel.outcomes import load_rules
from voicetel.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from support.servers.object_server import ObjectServer
    from voicetel.cluster.job import Job
    from voicetel.cluster.routing.splits import Split


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ObjectServer]:
    """An empty bucket, and the credentials for it."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with object_server() as found:
        yield found


def download(server: ObjectServer, prefix: str, folder: Path) -> Path:
    """All objects below a prefix as files."""
    system, base = pyarrow.fs.FileSystem.from_uri(f"s3://{BUCKET}/{prefix}?{server.query}")
    folder.mkdir()
    pyarrow.fs.copy_files(
        base, str(folder), source_filesystem=system, destination_filesystem=pyarrow.fs.LocalFileSystem()
    )
    return folder


def exported(logs: Path, question: Asked, folder: Path) -> Path:
    """What one machine writes."""
    with open_store([str(logs)], load_rules(), cache=False) as store:
        write_parquet(parts_of(store, question.card, question.selection), folder)
    return folder


def test_has_the_rows_of_one_machine(tmp_path: Path, server: ObjectServer) -> None:
    """Also of calls that only the newest event of all says to be over; a second export leaves nothing of the first."""
    random = Random(21)
    logs = write_dealt(tmp_path / "logs", random)
    write_open_calls(logs)
    question = asked(random)
    one = rows_of(exported(logs, question, tmp_path / "one"))
    uri = server.uri("lake/calls")
    for number in range(2):
        export_parquet(InProcess(), [str(logs)], job_of(question), uri, with_text=False)
        assert rows_of(download(server, "lake/calls", tmp_path / f"many-{number}")) == one
    names = [{path.name for path in (tmp_path / f"many-{number}").rglob("*.parquet")} for number in range(2)]
    assert not names[0] & names[1]


def test_what_is_no_export_stays(tmp_path: Path, server: ObjectServer) -> None:
    """As in a folder. What an export has left that was killed is no such thing, and goes when one is whole."""
    logs = write_dealt(tmp_path / "logs", Random(23))
    question = asked(Random(1))
    server.put("mine/thesis.txt", b"mine")
    with pytest.raises(UsageError, match=r"holds something that no export has made: thesis\.txt"):
        export_parquet(InProcess(), [str(logs)], job_of(question), server.uri("mine"), with_text=False)
    with pytest.raises(UsageError, match="is a whole bucket"):
        export_parquet(InProcess(), [str(logs)], job_of(question), server.uri(), with_text=False)
    server.put("killed/call_metrics/day=2020-01-01/part_0123456789abcdef_0_0.parquet", b"half of it")
    export_parquet(InProcess(), [str(logs)], job_of(question), server.uri("killed"), with_text=False)
    found = download(server, "killed", tmp_path / "found")
    assert rows_of(found) == rows_of(exported(logs, question, tmp_path / "one"))
    assert not (found / "call_metrics" / "day=2020-01-01").exists()


def test_an_export_that_fails_leaves_the_older_one(tmp_path: Path, server: ObjectServer) -> None:
    """Without calls, and where a partition is lost after others have written."""
    logs = write_dealt(tmp_path / "logs", Random(24))
    question = asked(Random(1))
    uri = server.uri("daily")
    export_parquet(InProcess(), [str(logs)], job_of(question), uri, with_text=False)
    before = rows_of(download(server, "daily", tmp_path / "before"))

    class Lost(InProcess):
        def partitions(self, job: Job, splits: Sequence[Split]) -> Never:
            with super().partitions(job, splits):
                raise RuntimeError("lost")

    with pytest.raises(RuntimeError, match="lost"):
        export_parquet(Lost(), [str(logs)], job_of(question), uri, with_text=False)
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / "bad.jsonl").write_text("no json\n")
    with pytest.raises(NoDataError):
        export_parquet(InProcess(), [str(tmp_path / "none")], job_of(question), uri, with_text=False)
    assert rows_of(download(server, "daily", tmp_path / "after")) == before


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_the_command_on_spark(tmp_path: Path, server: ObjectServer) -> None:
    """From objects to objects: ``voicetel export s3://…/logs/ --parquet s3://…/from-spark --engine spark``, with a session of its own."""
    server.upload(write_dealt(tmp_path / "logs", Random(25)), "exported/logs/")
    python = [sys.executable, "-m", "voicetel", "export"]
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}

    def export(*arguments: str) -> bytes:
        return subprocess.run([*python, *arguments, "--json"], capture_output=True, check=True, env=environment).stdout

    one = export(server.uri("exported/logs/"), "--parquet", str(tmp_path / "one"))
    spark = ("--engine", "spark", "--master", "local[2]")
    assert export(server.uri("exported/logs/"), "--parquet", server.uri("from-spark"), *spark) == one
    found = download(server, "from-spark", tmp_path / "found")
    assert rows_of(found) == rows_of(tmp_path / "one")
    assert json.loads((found / MARKER).read_text())["rows"]["call_metrics"] == 12
