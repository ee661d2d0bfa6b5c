r"""Time an export into PostgreSQL beside `psql \copy` of the same rows: ``export.py LOGS [BIN]``, BIN the server's programs.

psql gets the rows for nothing, as files in COPY's binary format; it copies them into the same staging tables and runs the
same upserts, in one transaction. The export has to make them from the store, which is up to date before the clock starts.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.servers.postgres_server import Server, packaged_binaries, running_server
from voicetel.exporters.postgres.database import Database
from voicetel.exporters.postgres.export import export
from voicetel.exporters.postgres.schema import prepare
from voicetel.exporters.postgres.statements import create_stage, staged_columns, upsert
from voicetel.exporters.rows import parts_of
from voicetel.exporters.summary import ExportSummary
from voicetel.exporters.tables import TABLES
from voicetel.outcomes import load_rules
from voicetel.pricing import load_card
from voicetel.store import open_store

SCHEMA = "voicetel"


def main(logs: str, binaries: str | None = None) -> None:
    """Print the table of both."""
    folder = Path(binaries) if binaries else packaged_binaries()
    rules, card = load_rules(), load_card()
    with running_server(folder) as server, open_store([logs], rules) as store:
        summary = ExportSummary()
        began = time.monotonic()
        for rows in parts_of(store, card):
            summary.extend(export(rows, server.dsn(), SCHEMA))
        first_s = time.monotonic() - began
        began = time.monotonic()
        for rows in parts_of(store, card):
            export(rows, server.dsn(), SCHEMA)
        again_s = time.monotonic() - began
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
        psql_s = _psql(server, folder)
    written = {name: table.inserted for name, table in summary.tables.items()}
    print(", ".join(f"{count:,} rows of {name}" for name, count in written.items()))
    print(f"psql \\copy and upsert   {psql_s:6.1f} s")
    print(f"export, first           {first_s:6.1f} s   {first_s / psql_s:.2f} x   peak memory {peak_mb:,.0f} MB")
    print(f"export, nothing new     {again_s:6.1f} s   {again_s / psql_s:.2f} x")


def _psql(server: Server, binaries: Path) -> float:
    """Time what psql takes with the rows that the export has written, into tables that are as new as those were."""
    psql = [str(binaries / "psql"), "-q", "-v", "ON_ERROR_STOP=1", "-d", server.dsn(), "-f", "-"]
    files = {table.name: server.folder / f"{table.name}.copy" for table in TABLES}
    out = [f"SET search_path TO {SCHEMA};"]
    for table in TABLES:
        types = {column.name: "::text" for column in table.columns if column.kind == "json"}
        columns = ", ".join(f"{name}{types.get(name, '')}" for name in staged_columns(table))
        out.append(f"\\copy (SELECT {columns} FROM {table.name}) TO '{files[table.name]}' (FORMAT binary)")
    out.append("CHECKPOINT;")
    subprocess.run(psql, input="\n".join(out), text=True, check=True)
    with Database(server.dsn()) as database:
        prepare(database, "by_psql")
    into = ["SET search_path TO by_psql;", "BEGIN;"]
    for table in TABLES:
        into.append(f"{create_stage(table)};")
        into.append(f"\\copy stage_{table.name} FROM '{files[table.name]}' (FORMAT binary)")
        into.append(f"{upsert(table)};")
    into.append("COMMIT;")
    began = time.monotonic()
    subprocess.run(psql, input="\n".join(into), text=True, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - began


if __name__ == "__main__":
    main(*sys.argv[1:])
