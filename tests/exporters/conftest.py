"""Servers, schemas and small logs for tests of exports."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from support.exports.exported import Target
from support.servers.postgres_server import DEBIAN_15, packaged_binaries, running_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.servers.postgres_server import Server

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def newest_server() -> Iterator[Server]:
    """The PostgreSQL that comes as a Python package."""
    with running_server(packaged_binaries()) as server:
        yield server


@pytest.fixture(scope="session")
def debian_server() -> Iterator[Server]:
    """Debian's PostgreSQL 15."""
    if not (DEBIAN_15 / "postgres").exists():
        pytest.skip("a second version is tested where Debian's PostgreSQL 15 is installed")
    with running_server(DEBIAN_15) as server:
        yield server


@pytest.fixture
def target(newest_server: Server, tmp_path: Path) -> Target:
    """A schema of its own, which is not there yet, and a folder for logs."""
    return Target(newest_server, f"export {next(_numbers)}", tmp_path / "logs")


@pytest.fixture(params=["newest_server", "debian_server"])
def any_target(request: pytest.FixtureRequest, tmp_path: Path) -> Target:
    """The same on every version of PostgreSQL that is there."""
    server: Server = request.getfixturevalue(request.param)
    return Target(server, f"export {next(_numbers)}", tmp_path / "logs")
