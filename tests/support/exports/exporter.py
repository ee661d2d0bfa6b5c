"""Exports in processes of their own, for tests that kill them."""

from __future__ import annotations

import multiprocessing
import time
from typing import TYPE_CHECKING, Self

from support.exports.exported import CARD, RULES
from voicetel.errors import VoicetelError
from voicetel.exporters.postgres.export import export
from voicetel.exporters.rows import parts_of
from voicetel.store import open_store

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from support.exports.exported import Target

SEGMENT_ROWS = 40
"""Two or three calls a transaction, so that an export has many."""

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(
    [
        "duckdb",
        "pyarrow",
        "adbc_driver_postgresql.dbapi",
        "voicetel.analyzers.calls.calls",
        "voicetel.exporters.postgres.export",
    ]
)


class Exporter:
    """An export of a target's logs as they are now, begun as often as wanted."""

    def __init__(self, target: Target) -> None:
        self._pipe, theirs = _processes.Pipe()
        arguments = (theirs, str(target.logs), target.server.dsn(target.database), target.schema)
        self._process = _processes.Process(target=_serve, args=arguments)
        self._process.start()
        theirs.close()

    def begin(self) -> None:
        """Begin to export."""
        self._pipe.send("go")

    def answer(self) -> str:
        """Wait for the end: ``done``, or the error."""
        return str(self._pipe.recv())

    def timed_export(self) -> float:
        """How long one export takes, s."""
        assert self.answer() == "ready"
        began = time.monotonic()
        self.begin()
        assert self.answer() == "done"
        return time.monotonic() - began

    def kill(self) -> None:
        """End it at once, by SIGKILL."""
        self._process.kill()
        self._process.join()
        self._pipe.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.kill()


def _serve(pipe: Connection, logs: str, dsn: str, schema: str) -> None:
    with open_store([logs], RULES, cache=False) as store:
        (rows,) = parts_of(store, CARD)
        pipe.send("ready")
        while pipe.recv():
            try:
                export(rows, dsn, schema, batch_rows=SEGMENT_ROWS)
            except VoicetelError as error:
                pipe.send(str(error))
            else:
                pipe.send("done")
