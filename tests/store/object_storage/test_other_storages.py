"""Google Cloud Storage through an emulator of it; of Azure, for which there is none in Python, what pyarrow is asked for."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx
import pytest

from support import command
from support.store_runs import line
from voicetel.store.object_storage import filesystems
from voicetel.store.object_storage.filesystems import file_system
from voicetel.store.object_storage.uris import parse_uri

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextlib.contextmanager
def gcs(objects: dict[str, bytes]) -> Iterator[str]:
    """An emulator with a bucket ``calls`` of some objects, and the query that says where it is."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # In a process of its own: pyarrow waits for answers without letting other threads of Python go on.
    options = ["--host", "127.0.0.1", "--port", f"{port}", "--in-memory", "--default-bucket", "calls"]
    server = subprocess.Popen(
        [sys.executable, "-m", "gcp_storage_emulator", "start", *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port)
        for name, content in objects.items():
            url = f"http://127.0.0.1:{port}/upload/storage/v1/b/calls/o?uploadType=media&name={quote(name, safe='')}"
            httpx.post(url, content=content, headers={"content-type": "application/octet-stream"}).raise_for_status()
        yield f"scheme=http&endpoint_override=127.0.0.1:{port}&retry_limit_seconds=20"
    finally:
        server.kill()
        server.wait()


def _wait_for(port: int) -> None:
    for _ in range(600):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise TimeoutError(port)


def test_logs_in_google_cloud_storage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder and one object say what the same files say; what has been read is read again where it grew."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    logs = {f"logs/2026/{name}.jsonl": line(call=name, turn=1) + line(call=name, turn=2) for name in ("a", "b")}
    for name, content in logs.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    with gcs(logs) as query:
        for path in ("logs/", "logs/2026/a.jsonl"):
            uri = f"gs://anonymous@calls/{path}?{query}"
            of_files, of_objects, again = (command.run("calls", each, "--json") for each in (tmp_path / path, uri, uri))
            assert of_objects.out == of_files.out == again.out
            assert (of_objects.code, of_objects.err) == (0, "")
        missing = command.run("calls", f"gs://anonymous@calls/other/?{query}")
        assert missing.code == 4
        assert "no such object or folder" in missing.err


@pytest.mark.parametrize("scheme", ["abfs", "abfss"])
def test_paths_in_azure(scheme: str) -> None:
    """The container, and the key in it, with one slash between: another would be another object."""
    system, path = file_system(parse_uri(f"{scheme}://logs@account.dfs.core.windows.net/2026/a.jsonl"))
    assert (system.type_name, path) == ("abfs", "logs/2026/a.jsonl")
    assert file_system(parse_uri(f"{scheme}://logs@account.dfs.core.windows.net/2026/"))[1] == "logs/2026"


@pytest.mark.parametrize(
    ("variable", "root"),
    [
        ("AZURE_STORAGE_KEY", "abfss://logs:k%2Fe%3Dy@account.dfs.core.windows.net/"),
        ("AZURE_STORAGE_SAS_TOKEN", "abfss://logs@account.dfs.core.windows.net/?k/e=y"),
        ("HOME", "abfss://logs@account.dfs.core.windows.net/"),
    ],
)
def test_secrets_of_azure(variable: str, root: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key or token of the environment stands in the URI that pyarrow is asked for, and nowhere else."""
    asked: list[str] = []

    def record(found: str, environment: frozenset[tuple[str, str]]) -> tuple[None, str]:
        asked.append(found)
        return None, "logs/"

    for name in ("AZURE_STORAGE_KEY", "AZURE_STORAGE_SAS_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, "k/e=y")
    monkeypatch.setattr(filesystems, "_cached_file_system", record)
    uri = parse_uri("abfss://logs@account.dfs.core.windows.net/2026/a.jsonl")
    assert file_system(uri) == (None, "logs/2026/a.jsonl")
    assert asked == [root]
    assert "k/e=y" not in uri.name
