"""What is wrong with object storage is told in one line, with what to do, and without a secret."""

from __future__ import annotations

import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from support import command
from support.store_runs import line, rows, run
from voicetel.errors import NoDataError, VoicetelError
from voicetel.service.served_logs import ServedLogs
from voicetel.store.object_storage import object_file

if TYPE_CHECKING:
    from pathlib import Path

    from support.servers.object_server import ObjectServer

CALLS = "SELECT call_id FROM calls ORDER BY call_id"


@pytest.mark.parametrize(
    ("folder", "said"),
    [
        ("s3://nobody/logs/", "s3://nobody/?{query}: no such bucket; name a bucket that is there"),
        ("s3://calls/none/", "s3://calls/none?{query}: no such object or folder; name an object"),
        ("s3://calls/none.jsonl", "s3://calls/none.jsonl?{query}: no such object or folder; name an object"),
    ],
)
def test_what_is_not_there(server: ObjectServer, folder: str, said: str) -> None:
    """It is named, with its bucket."""
    ran = command.run("analyze", f"{folder}?{server.query}")
    assert ran.err.startswith(f"error: {said.format(query=server.query)}")
    assert (ran.code, ran.out, ran.err.count("\n")) == (4, "", 1)


@pytest.mark.parametrize(
    ("refusal", "code", "said"),
    [
        ("AccessDenied", 4, "no permission to list it; set AWS_ACCESS_KEY_ID"),
        ("InvalidAccessKeyId", 1, "the credentials are missing or not accepted; set AWS_ACCESS_KEY_ID"),
        ("ExpiredToken", 1, "the credentials are missing or not accepted; set AWS_ACCESS_KEY_ID"),
    ],
)
def test_what_is_not_allowed(server: ObjectServer, refusal: str, code: int, said: str) -> None:
    """It says where credentials come from."""
    server.put("logs/a.jsonl", line())
    server.refusals["/calls"] = refusal
    try:
        ran = command.run("analyze", server.uri("logs/"))
    finally:
        server.refusals.clear()
    assert ran.err.startswith(f"error: s3://calls/logs?{server.query}: {said}")
    assert (ran.code, ran.out, ran.err.count("\n")) == (code, "", 1)


def test_services_say_so_before_they_begin(server: ObjectServer) -> None:
    """Nobody has to ask first."""
    server.put("served/a.jsonl", line())
    ServedLogs(paths=(server.uri("served/"),)).check()
    with pytest.raises(NoDataError, match="no such object or folder"):
        ServedLogs(paths=(server.uri("nothing/"),)).check()


def test_nothing_is_written_over_a_log_that_has_a_uri(tmp_path: Path) -> None:
    """Whatever it is called."""
    log = tmp_path / "a.jsonl"
    log.write_bytes(line())
    ran = command.run("calls", log.as_uri(), "--json", "-o", log)
    assert (ran.code, log.read_bytes()) == (2, line())
    assert "is one of the logs" in ran.err


def test_a_storage_that_is_not_there(server: ObjectServer) -> None:
    """Nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        ran = command.run("calls", f"s3://calls/logs/?endpoint_override=127.0.0.1:{port}&scheme=http&region=x")
    assert "the storage cannot be reached; check the network, the region and endpoint_override" in ran.err
    assert (ran.code, ran.err.count("\n")) == (1, 1)


def test_one_object_that_may_not_be_read(server: ObjectServer) -> None:
    """It is passed over with a warning, as a file is."""
    server.put("private/a.jsonl", line(call="a"))
    server.put("private/b.jsonl", line(call="b"))
    server.refusals["/calls/private/b.jsonl"] = "AccessDenied"
    try:
        said = run(server.uri("private/"))
        assert rows(CALLS, server.uri("private/")) == [("a",)]
    finally:
        server.refusals.clear()
    assert said.warnings == (f"{server.uri('private/b.jsonl')}: skipped: Permission denied",)
    assert rows(CALLS, server.uri("private/"), cache=True) == [("a",), ("b",)]


def test_a_storage_that_fails_in_the_middle(server: ObjectServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """No answer is given of a half; what is there is read by the next run."""
    monkeypatch.setattr(object_file, "MIN_PIECE_BYTES", 5000)
    monkeypatch.setattr(object_file, "MAX_PIECE_BYTES", 5000)
    content = b"".join(line(turn=n, second=n) for n in range(1, 1000))
    server.put("fails/a.jsonl", content)
    read = object_file.ObjectFile.read

    def failing(self: object_file.ObjectFile, length: int = -1) -> bytes:
        if self.tell() > 50_000:
            server.refusals["/calls/fails/a.jsonl"] = "ExpiredToken"
        return read(self, length)

    with monkeypatch.context() as patched:
        patched.setattr(object_file.ObjectFile, "read", failing)
        with pytest.raises(VoicetelError, match=r"may no longer be read|the credentials are missing or not accepted"):
            run(server.uri("fails/"))
    server.refusals.clear()
    assert rows("SELECT turns FROM calls", server.uri("fails/"), cache=True) == [(999,)]


def test_the_store_and_the_answers_hold_no_secret(server: ObjectServer, tmp_path: Path) -> None:
    """The credentials of the environment are in no file that is kept."""
    server.put("secret/a.jsonl", line())
    command.run("analyze", server.uri("secret/"), "--json")
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"s3://calls/secret/a.jsonl" in kept
    assert b"xyzzy" not in kept


def test_paths_of_files_load_no_storage(tmp_path: Path) -> None:
    """Nobody waits for what he does not use."""
    log = tmp_path / "a.jsonl"
    log.write_bytes(line())
    code = (
        "import sys; from voicetel.store.ingest.discovery import discover; from voicetel.store.ingest.planning import make_plan\n"
        "make_plan(discover(sys.argv[1:], print), [], {}, print)\n"
        "print([name for name in sys.modules if name.startswith('pyarrow') or name.endswith('filesystems')])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(log)], check=True, capture_output=True, text=True, cwd=tmp_path
    )
    assert ran.stdout == "[]\n"
