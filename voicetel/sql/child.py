"""The process that runs a query. It imports nothing of voicetel, and is started with ``python -I`` and an empty environment.

It reads one JSON object from stdin, gives up all that a query does not need, and writes an Arrow stream to stdout. A line
``started`` on stderr says that the query runs; an error is one JSON object there.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
import threading
from typing import Any

MB = 1 << 20
BATCH_ROWS = 1000

_EXPLAIN = re.compile(r"^\s*EXPLAIN\s+(?:ANALY[SZ]E\s+)?(?:\([^()]*\)\s*)?", re.IGNORECASE)


def limit_process(limits: dict[str, int]) -> None:
    """Limits of the kernel's, which hold whatever the engine does. Where there are none, the parent's watch remains."""
    try:
        import resource  # noqa: PLC0415  not on Windows
    except ImportError:
        return
    wanted = {
        resource.RLIMIT_AS: limits["address_space_mb"] * MB,
        resource.RLIMIT_CPU: limits["cpu_s"],
        resource.RLIMIT_FSIZE: limits["spill_mb"] * MB,
        resource.RLIMIT_NOFILE: 64,
        resource.RLIMIT_CORE: 0,
    }
    for kind, value in wanted.items():
        # macOS refuses some of them.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (value, value))


def locked_connection(task: dict[str, Any]) -> Any:
    """The relations, read-only, on a connection whose settings cannot be changed any more."""
    import duckdb  # noqa: PLC0415  after the limits

    limits = task["limits"]
    connection = duckdb.connect(
        task["database"],
        read_only=True,
        config={
            "memory_limit": f"{limits['memory_mb']}MB",
            "threads": limits["threads"],
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "allow_unsigned_extensions": False,
        },
    )
    spill = task["spill"].replace("'", "''")
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"SET temp_directory = '{spill}'")
    connection.execute(f"SET max_temp_directory_size = '{limits['spill_mb']}MB'")
    with contextlib.suppress(duckdb.Error):
        connection.execute("SET enable_progress_bar = false")
    connection.execute("SET python_enable_replacements = false")
    # Behind these two nothing can be set: neither where to spill nor what may be read.
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def only_statement(connection: Any, sql: str) -> Any:
    """The one SELECT or EXPLAIN that a text consists of."""
    statements = connection.extract_statements(sql)
    if len(statements) != 1:
        raise RefusedError(
            f"one statement is run, and here are {len(statements)}" if statements else "there is no statement"
        )
    (statement,) = statements
    if _statement_type(statement) == "EXPLAIN":
        # EXPLAIN ANALYZE runs what it explains.
        inner = connection.extract_statements(_EXPLAIN.sub("", statement.query))
        kinds = {_statement_type(each) for each in inner}
        if kinds != {"SELECT"}:
            raise RefusedError("only a SELECT is explained")
    elif _statement_type(statement) != "SELECT":
        raise RefusedError(f"only SELECT is run, and this is {_statement_type(statement).replace('_', ' ')}")
    return statement


def _statement_type(statement: Any) -> str:
    return str(statement.type).rpartition(".")[2]


class RefusedError(Exception):
    """A statement that is not run."""


def write_rows(reader: Any, max_rows: int, max_bytes: int) -> str:
    """Write batches to stdout up to the limits. Gives the name of the limit that cut them off, or nothing."""
    import pyarrow as pa  # noqa: PLC0415  after the limits

    rows = size = 0
    with pa.ipc.new_stream(sys.stdout.buffer, reader.schema) as stream:
        for batch in reader:
            fitting, cut = batch.num_rows, ""
            if max_rows and rows + fitting > max_rows:
                fitting, cut = max_rows - rows, "rows"
            while fitting and size + batch.slice(0, fitting).nbytes > max_bytes:
                fitting, cut = fitting // 2, "bytes"
            piece = batch.slice(0, fitting)
            stream.write_batch(piece)
            if cut:
                return cut
            rows += fitting
            size += piece.nbytes
    return ""


def main() -> int:
    """Run the task on stdin. Gives the exit code: 0, 1 for what went wrong, 2 for what is not run."""
    task = json.load(sys.stdin)
    limits = task["limits"]
    limit_process(limits)
    import duckdb  # noqa: PLC0415  after the limits

    cut = ""
    timer = None
    try:
        connection = locked_connection(task)
        statement = only_statement(connection, task["sql"])
        _report("started")
        timer = threading.Timer(limits["timeout_s"], connection.interrupt)
        timer.daemon = True
        timer.start()
        reader = connection.sql(statement).to_arrow_reader(BATCH_ROWS)
        cut = write_rows(reader, limits["max_rows"], limits["max_bytes"])
    except RefusedError as error:
        return _fail("refused", str(error), 2)
    except (duckdb.ProgrammingError, duckdb.CatalogException) as error:
        return _fail("query", _first_line(error), 2)
    except duckdb.InterruptException:
        return _fail("timeout", "", 1)
    except (duckdb.OutOfMemoryException, MemoryError):
        return _fail("memory", "", 1)
    except Exception as error:  # noqa: BLE001  whatever it is, it is one line
        return _fail("query", _first_line(error), 1)
    finally:
        if timer is not None:
            timer.cancel()
    _report(json.dumps({"cut": cut}))
    return 0


def _first_line(error: BaseException) -> str:
    text = str(error).strip().split("\n")[0]
    return (text.partition(": ")[2] or text).rstrip("!. ")


def _report(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def _fail(kind: str, message: str, code: int) -> int:
    _report(json.dumps({"error": kind, "message": message}))
    return code


if __name__ == "__main__":
    exit_code = main()
    sys.stdout.flush()
    # The engine's own threads may still be at work, and taking the interpreter down beside them can crash.
    os._exit(exit_code)
