"""An S3 server for the tests of a module."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.servers.object_server import ENVIRONMENT, ObjectServer, object_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def shared_server() -> Iterator[ObjectServer]:
    """One that is started once."""
    with object_server() as server:
        yield server


@pytest.fixture
def server(shared_server: ObjectServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ObjectServer:
    """The server, for a user with its credentials and a cache of his own. Tests share its bucket: each has its own folder."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    shared_server.requests.clear()
    return shared_server
