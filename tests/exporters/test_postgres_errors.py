"""What stands in the way of an export: one line each, no secret in it, nothing written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from support.exports.exported import call
from support.servers.postgres_server import PASSWORD
from voicetel.cli.app import app
from voicetel.errors import VoicetelError
from voicetel.exporters.postgres.connection_string import complete, connection_string
from voicetel.exporters.postgres.database import Database

if TYPE_CHECKING:
    from support.exports.exported import Target
    from support.servers.postgres_server import Server

SECRET = "hunter2-Zq"


@pytest.fixture
def logged(target: Target) -> Target:
    """One call to export."""
    target.log(call("a"))
    return target


@pytest.mark.parametrize(
    ("dsn", "message"),
    [
        (f"host=127.0.0.1 port=1 password={SECRET}", "port 1 failed: Connection refused"),
        (f"postgresql://user:{SECRET}@127.0.0.1:1/db", "port 1 failed: Connection refused"),
        (f"host=/nowhere password={SECRET}", "No such file or directory"),
        (f"postgresql://user:{SECRET}@nowhere.invalid/db", "could not translate host name"),
        (f"postgresql://user:{SECRET}@{SECRET}@127.0.0.1/db", "the connection string cannot be read"),
        (f"postgresql://user:{SECRET}/x@127.0.0.1/db", "the connection string cannot be read"),
        (f"postgresql+psycopg://user:{SECRET}@127.0.0.1/db", "the connection string cannot be read"),
        (f"password={SECRET} {SECRET}", "the connection string cannot be read"),
        (f"host=127.0.0.1 passwort={SECRET}", "the connection string cannot be read"),
        (f"postgresql://user:{SECRET}@127.0.0.1:{SECRET}/db", "the connection string cannot be read"),
        (f"host=127.0.0.1 sslmode={SECRET}", "the connection string cannot be read"),
    ],
)
def test_a_server_that_cannot_be_reached_is_one_line(logged: Target, dsn: str, message: str) -> None:
    """The line says which server and why, and never what the password is."""
    with pytest.raises(VoicetelError) as caught:
        logged.export(dsn=dsn)
    said = f"{caught.value} {caught.value.hint}"
    assert message in said
    assert SECRET not in said
    assert "\n" not in said


@pytest.mark.parametrize(
    "dsn",
    [
        "postgresql:///{database}?host={folder}&port={port}&user=postgres&application_name=me@corp",
        "postgresql://postgres@/{database}?host={folder}&port={port}",
        "  postgresql:///{database}?host={folder}&port={port}&user=postgres\n",
        "postgresql:///{database}?host={folder}&port={port}&user=postgres&",
        "host={folder} port={port} user=postgres dbname={database} password=a://b",
        "host={folder} port={port} user=postgres dbname={database} password='it\\'s @ #?'",
        "host='{folder}' port={port} user = postgres dbname={database} connect_timeout=3",
        "postgresql://postgres:p%40ss%2Fw%23rd@/{database}?host={folder}&port={port}",
    ],
)
def test_special_characters_of_a_connection_string_are_read(logged: Target, dsn: str) -> None:
    """What libpq can read reaches the server, with what we add to it."""
    with Database(
        dsn.format(folder=logged.server.folder, port=logged.server.port, database=logged.database)
    ) as database:
        assert database.value("SELECT 1") == 1


def test_a_session_notices_a_client_that_is_gone(newest_server: Server) -> None:
    """The server asks after the client within a minute, not after two hours; so does the client after the server."""
    with Database(newest_server.tcp_dsn()) as database:
        values = dict(database.rows("SELECT name, setting FROM pg_settings WHERE name ~ '^tcp_(keepalives|user)'"))
    assert values == {
        "tcp_keepalives_idle": "30",
        "tcp_keepalives_interval": "10",
        "tcp_keepalives_count": "3",
        "tcp_user_timeout": "60000",
    }
    added = complete("postgresql://h/d?keepalives_idle=5")
    assert added.count("keepalives_idle") == 1
    assert "keepalives_interval=10&keepalives_count=3&tcp_user_timeout=60000" in added


def test_a_temporary_folder_with_a_quote_in_its_name_is_no_obstacle(
    logged: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its name is a text in SQL."""
    folder = tmp_path / 'it\'s "here"'
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    logged.export()
    assert logged.value("SELECT count(*) FROM {}.call_metrics") == 1
    assert not list(folder.iterdir())


def test_a_wrong_password_is_one_line(logged: Target) -> None:
    """The server's own words, without the password."""
    with pytest.raises(VoicetelError, match='password authentication failed for user "guarded"') as caught:
        logged.export(dsn=logged.server.dsn(user="guarded", password=SECRET))
    assert SECRET not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_database_is_one_line(logged: Target) -> None:
    """So is a database that is not there."""
    with pytest.raises(VoicetelError, match='database "nowhere" does not exist'):
        logged.export(dsn=logged.server.dsn("nowhere"))


def test_a_role_that_may_not_make_the_schema_says_so(logged: Target) -> None:
    """The right password alone is not enough."""
    with pytest.raises(VoicetelError, match="permission denied for database") as caught:
        logged.export(dsn=logged.server.dsn(user="guarded", password=PASSWORD))
    assert caught.value.hint == "docs/postgres.md lists what the role needs"


@pytest.mark.parametrize("right", ["SELECT", "INSERT", "UPDATE", "DELETE"])
def test_a_right_that_is_missing_is_named_before_anything_is_written(logged: Target, right: str) -> None:
    """The tables are asked first."""
    logged.export()
    before = logged.state()
    logged.server.run(grants(logged))
    logged.server.run(f"REVOKE {right} ON {logged.quoted}.operations FROM guarded")
    logged.log(call("b", minute=1))
    with pytest.raises(VoicetelError, match=f"the role guarded lacks {right} on .*operations"):
        logged.export(dsn=logged.server.dsn(user="guarded", password=PASSWORD))
    assert logged.state() == before


def test_the_rights_that_the_docs_list_are_enough(logged: Target) -> None:
    """A role with just these exports into a schema that another has made."""
    logged.export()
    logged.server.run(grants(logged))
    logged.log(call("b", minute=1))
    logged.export(dsn=logged.server.dsn(user="guarded", password=PASSWORD))
    assert logged.value("SELECT count(*) FROM {}.call_metrics") == 2


def test_a_database_that_cannot_hold_every_text_is_refused(logged: Target) -> None:
    """Another encoding than UTF8 would fail at some call, some day."""
    logged.server.run("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'")
    with pytest.raises(VoicetelError, match="encoding is LATIN1, not UTF8"):
        logged.export(dsn=logged.server.dsn("latin"))


def test_the_command_exits_with_1_and_one_line(logged: Target) -> None:
    """From the command line too, with nothing on stdout."""
    from voicetel.cli import diagnostics

    arguments = ["export", "--pg", "--no-cache", "--dsn", f"host=/nowhere password={SECRET}", str(logged.logs)]
    assert diagnostics.run(lambda: app(arguments, standalone_mode=False)) == 1


def test_the_command_says_what_it_wrote(logged: Target) -> None:
    """One line per table; and again, with nothing to do."""
    arguments = [
        "export",
        "--pg",
        "--no-cache",
        "--schema",
        logged.schema,
        "--dsn",
        logged.server.dsn(),
        str(logged.logs),
    ]
    first = CliRunner().invoke(app, arguments)
    second = CliRunner().invoke(app, arguments)
    assert first.stdout.splitlines() == [
        "pg: call_metrics: 1 inserted, 0 updated, 0 unchanged",
        "pg: call_logs: 3 inserted, 0 updated, 0 unchanged",
        "pg: operations: 10 inserted, 0 updated, 0 unchanged",
    ]
    assert second.stdout.splitlines()[0] == "pg: call_metrics: 0 inserted, 0 updated, 1 unchanged"


@pytest.mark.parametrize(
    "options",
    [
        ["--pg", "--dsn", ""],
        ["--pg", "--schema", ""],
        ["--pg", "--row-per", "turn"],
        [],
        ["--dry-run"],
        ["--csv", "x", "--dsn", "y"],
        ["--pg", "--existing"],
        ["--pg", "--dry-run", "--csv", "x"],
    ],
)
def test_options_that_mean_nothing_together_are_a_usage_error(logged: Target, options: list[str]) -> None:
    """Exit 2, before anything is read or written."""
    from voicetel.cli import diagnostics

    assert diagnostics.run(lambda: app(["export", *options, str(logged.logs)], standalone_mode=False)) == 2
    assert not Path("x").exists()


def test_where_to_connect_is_looked_up_in_order() -> None:
    """The option, then VOICETEL_PG_DSN, then DATABASE_URL, then libpq's own ways."""
    both = {"VOICETEL_PG_DSN": "a", "DATABASE_URL": "b"}
    assert connection_string("c", both) == "c"
    assert connection_string(None, both) == "a"
    assert connection_string(None, {"DATABASE_URL": "b"}) == "b"
    assert connection_string(None, {}) == ""


def test_libpq_variables_service_and_password_files_are_used(logged: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a connection string libpq finds the server by itself."""
    service = logged.logs / "pg_service.conf"
    service.write_text(
        f"[voice]\nhost={logged.server.folder}\nport={logged.server.port}\ndbname=postgres\nuser=guarded\n"
    )
    passwords = logged.logs / "pgpass"
    passwords.write_text(f"*:*:*:guarded:{PASSWORD}\n")
    passwords.chmod(0o600)
    logged.export()
    logged.server.run(grants(logged))
    monkeypatch.setenv("PGSERVICEFILE", str(service))
    monkeypatch.setenv("PGSERVICE", "voice")
    monkeypatch.setenv("PGPASSFILE", str(passwords))
    logged.log(call("b", minute=1))
    logged.export(dsn="")
    assert logged.value("SELECT count(*) FROM {}.call_metrics") == 2


def grants(target: Target) -> str:
    """The rights that docs/postgres.md lists for the role that exports."""
    docs = Path(__file__).parents[2] / "docs" / "postgres.md"
    lines = [line for line in docs.read_text(encoding="utf-8").splitlines() if line.startswith("GRANT ")]
    statements = "\n".join(line.replace("voicetel_export", "guarded") for line in lines)
    return statements.replace("SCHEMA voicetel ", f"SCHEMA {target.quoted} ").replace(
        "DATABASE calls", "DATABASE postgres"
    )
