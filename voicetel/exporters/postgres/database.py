"""A connection to PostgreSQL: what it is told, and errors in one line that give nothing away."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Any, Self

from voicetel.errors import VoicetelError
from voicetel.exporters.postgres.connection_string import DSN_HINT, complete, secrets_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    import pyarrow as pa

LOCK_WAIT_S = 600
"""How long an export waits for another one into the same schema."""

_KEEPALIVE = "SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3; SET tcp_user_timeout = 60000"
"""A session whose client is gone without a word would hold its locks for as long as the server's system waits: two hours."""

_UNREADABLE = re.compile(r"connection info string|connection option|URI|\binvalid \S+ value")
"""libpq quotes the part of a connection string that it cannot read, which may be the password."""

_DATA_OF_ERRORS = re.compile(r"(SQLSTATE|Query was|LINE \d|DETAIL|HINT|CONTEXT)")


class DatabaseError(VoicetelError):
    """The server said no. ``sqlstate`` is its code, where it gave one."""

    def __init__(self, message: str, *, hint: str | None = None, sqlstate: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.sqlstate = sqlstate


class Database:
    """One connection and its transaction. Outside ``transaction`` every statement commits by itself.

    Raises DatabaseError for whatever the server or the driver says.
    """

    def __init__(self, dsn: str) -> None:
        try:
            import adbc_driver_manager  # noqa: PLC0415  an extra
            import adbc_driver_postgresql.dbapi as driver  # type: ignore[import-untyped]  # noqa: PLC0415
        except ImportError as error:
            raise VoicetelError(
                "exporting to PostgreSQL needs its driver", hint="pip install 'voicetel[postgres]'"
            ) from error
        self._errors = adbc_driver_manager.Error
        self._secrets = secrets_of(dsn)
        with self._one_line_errors(connecting=True):
            self._connection: Any = driver.connect(complete(dsn), autocommit=True)
            self._cursor: Any = self._connection.cursor()
            self._cursor.executescript(_KEEPALIVE)

    def execute(self, sql: str) -> None:
        """Run one statement that gives nothing back."""
        with self._one_line_errors():
            self._cursor.execute(sql)

    def run_script(self, sql: str) -> None:
        """Run several statements."""
        with self._one_line_errors():
            self._cursor.executescript(sql)

    def change(self, sql: str) -> int:
        """Run one INSERT, UPDATE or DELETE and give how many rows the server says it wrote."""
        with self._one_line_errors():
            statement = self._cursor.adbc_statement
            statement.set_sql_query(sql)
            return int(statement.execute_update())

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Run one statement and give its rows."""
        with self._one_line_errors():
            self._cursor.execute(sql)
            return list(self._cursor.fetchall())

    def value(self, sql: str) -> Any:
        """Run one statement and give its one value."""
        return self.rows(sql)[0][0]

    def arrow(self, sql: str) -> pa.Table:
        """Run one statement and give its rows as an Arrow table."""
        with self._one_line_errors():
            self._cursor.execute(sql)
            return self._cursor.fetch_arrow_table()

    def copy(self, table: str, rows: pa.RecordBatchReader) -> int:
        """Append rows to a temporary table by binary COPY. Gives how many."""
        # Closed even where the server fails half-way: DuckDB takes no other query while a result is open.
        with rows, self._one_line_errors():
            return int(self._cursor.adbc_ingest(table, rows, mode="append", temporary=True))

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """What is run inside is done together, or not at all."""
        self.execute("BEGIN")
        try:
            yield
        except BaseException:
            # After a lost connection there is nothing to roll back: the server has.
            with contextlib.suppress(DatabaseError):
                self.execute("ROLLBACK")
            raise
        self.execute("COMMIT")

    @contextlib.contextmanager
    def alone(self, name: str) -> Iterator[None]:
        """Hold an advisory lock, so that exports into one schema come one after the other.

        Raises VoicetelError after LOCK_WAIT_S, with the session that holds it.
        """
        self.execute(f"SET lock_timeout = '{LOCK_WAIT_S}s'")
        key = f"hashtextextended({literal('voicetel export ' + name)}, 0)"
        try:
            self.rows(f"SELECT pg_advisory_lock({key}) IS NULL")
        except DatabaseError as error:
            if error.sqlstate == _LOCK_NOT_AVAILABLE:
                raise self._lock_is_held(name, key) from error
            raise
        yield
        self.rows(f"SELECT pg_advisory_unlock({key})")

    def _lock_is_held(self, name: str, key: str) -> VoicetelError:
        holders = self.rows(
            "SELECT pid, to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') FROM pg_locks"
            " JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND granted AND objsubid = 1"
            f" AND (classid::bigint << 32 | objid::bigint) = {key} ORDER BY pid"
        )
        message = f"another export into {name} has been running for {LOCK_WAIT_S} s"
        if not holders:
            return VoicetelError(message)
        ((pid, since), *_) = holders
        return VoicetelError(
            f"{message}: server process {pid}, connected since {since or '?'} UTC",
            hint=f"pg_stat_activity shows what it does; SELECT pg_terminate_backend({pid}) ends it",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(self._errors):
            self._cursor.close()
        with contextlib.suppress(self._errors):
            self._connection.close()

    @contextlib.contextmanager
    def _one_line_errors(self, *, connecting: bool = False) -> Iterator[None]:
        try:
            yield
        except self._errors as error:
            raise self._in_one_line(error, connecting=connecting) from None

    def _in_one_line(self, error: Any, *, connecting: bool) -> DatabaseError:
        """The server's first sentence. Details are left out: they can quote the rows."""
        text = str(error)
        if connecting and _UNREADABLE.search(text):
            return DatabaseError("the connection string cannot be read", hint=DSN_HINT)
        text = re.sub(r"^\w+: (\[libpq\] )?(Failed to connect: )?", "", text)
        text = re.sub(r"^.*?\b(ERROR|FATAL|PANIC):\s+", r"\1: ", text, count=1, flags=re.DOTALL)
        line = _DATA_OF_ERRORS.split(text)[0].strip().split("\n")[0].rstrip(". ")
        for secret in self._secrets:
            line = line.replace(secret, "***")
        sqlstate = getattr(error, "sqlstate", None) or _sqlstate(str(error))
        if not connecting:
            line = f"PostgreSQL: {line.removeprefix('ERROR: ')}"
        return DatabaseError(line, hint=_HINTS.get(sqlstate or ""), sqlstate=sqlstate)


def quoted(name: str) -> str:
    """An identifier in SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text in SQL."""
    if "\\" in text:
        return " E'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
    return "'" + text.replace("'", "''") + "'"


_LOCK_NOT_AVAILABLE = "55P03"
_HINTS = {
    "42501": "docs/postgres.md lists what the role needs",
    "57P01": "the server went away; run the export again, it goes on from there",
    "08006": "the server went away; run the export again, it goes on from there",
}


def _sqlstate(text: str) -> str | None:
    match = re.search(r"SQLSTATE: (\w{5})", text)
    return match[1] if match else None
