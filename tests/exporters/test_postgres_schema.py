"""The schema in the database: how it is made, kept up to date, and held to what is expected."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from support.exports.exported import call
from voicetel.errors import UsageError, VoicetelError
from voicetel.exporters.postgres.schema import OWN_COLUMNS, expected_columns, migrations
from voicetel.exporters.summary import summary_lines
from voicetel.exporters.tables import CALL_METRICS, TABLES

if TYPE_CHECKING:
    from support.exports.exported import Target


@pytest.fixture
def made(target: Target) -> Target:
    """A schema with one call in it."""
    target.log(call("a"))
    target.export()
    return target


def test_tables_have_the_columns_of_the_one_table_of_columns(any_target: Target) -> None:
    """What the migrations make is what tables.py says, in its types, with a comment on every column; what was added later stands last."""
    any_target.log(call("a"))
    any_target.export()
    for table in TABLES:
        rows = any_target.rows(
            "SELECT attname::text, format_type(atttypid, atttypmod), col_description(attrelid, attnum) FROM pg_attribute"
            f" WHERE attrelid = '{any_target.quoted}.{table.name}'::regclass AND attnum > 0 ORDER BY attnum"
        )
        docs = {column.name: column.doc for column in table.columns}
        if table is CALL_METRICS:
            docs |= {name: doc for name, (_, doc) in OWN_COLUMNS.items()}
        assert {name: kind for name, kind, _ in rows} == expected_columns(table)
        assert sorted(name for name, *_ in rows) == sorted(docs)
        assert {name: comment for name, _, comment in rows} == docs


def test_migrations_are_numbered_without_a_gap() -> None:
    """Versions go from 1 up."""
    assert list(migrations()) == list(range(1, len(migrations()) + 1))


def test_every_version_is_recorded(made: Target) -> None:
    """The database says which migrations it has had."""
    assert made.rows(f"SELECT version FROM {made.quoted}.schema_versions ORDER BY 1") == [(n,) for n in migrations()]


def test_an_older_schema_is_brought_up_to_date(made: Target) -> None:
    """Only the migrations that are missing are applied; what is in the tables stays."""
    made.server.run(
        f"DROP VIEW {made.quoted}.metrics_by_day, {made.quoted}.metrics_by_agent, {made.quoted}.metrics_by_version;"
        f"{without_handling(made)}; DELETE FROM {made.quoted}.schema_versions WHERE version >= 2"
    )
    before = made.state()
    made.export()
    assert made.state() == before
    assert made.value("SELECT calls FROM {}.metrics_by_day") == 1


def without_handling(made: Target) -> str:
    """SQL that takes away the columns of the third version."""
    columns = (
        "answered", "transferred", "first_word_ms", "caller_silence_ms", "no_input_count", "unheard_count", "confidence_avg",
    )  # fmt: skip
    return f"ALTER TABLE {made.quoted}.call_metrics {', '.join(f'DROP COLUMN {name}' for name in columns)}"


def test_columns_of_a_later_version_are_filled(made: Target) -> None:
    """The digests of an older version are of fewer columns, so that its rows are written anew."""
    made.server.run(
        f"{without_handling(made)}; DELETE FROM {made.quoted}.schema_versions WHERE version >= 3;"
        f"UPDATE {made.quoted}.call_metrics SET content_digest = 0"
    )
    made.export()
    assert made.rows(f"SELECT answered IS NULL, no_input_count FROM {made.quoted}.call_metrics") == [(False, 0)]


def test_a_migration_that_fails_leaves_nothing(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step is one transaction."""
    target.log(call("a"))
    last = max(migrations())
    broken = {**migrations(), last + 1: "CREATE TABLE half (); SELECT 1 / 0;"}
    monkeypatch.setattr("voicetel.exporters.postgres.schema.migrations", lambda: broken)
    with pytest.raises(VoicetelError, match="division by zero"):
        target.export()
    assert target.rows(f"SELECT max(version) FROM {target.quoted}.schema_versions") == [(last,)]
    assert target.rows(f"SELECT to_regclass('{target.quoted}.half') IS NULL") == [(True,)]


def test_a_newer_schema_is_refused(made: Target) -> None:
    """An older voicetel does not write into what it does not know."""
    made.server.run(f"INSERT INTO {made.quoted}.schema_versions (version) VALUES (99)")
    before = made.state()
    made.log(call("b", minute=1))
    for dry_run in (False, True):
        with pytest.raises(VoicetelError, match=r"was made by a newer voicetel \(version 99"):
            made.export(dry_run=dry_run)
    assert made.state() == before


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("ALTER COLUMN outcome TYPE varchar(9)", r"call_metrics.outcome is character varying\(9\), not text"),
        ("DROP COLUMN cost_llm CASCADE", "call_metrics has no column cost_llm"),
    ],
)
def test_a_table_of_another_shape_is_refused(made: Target, change: str, message: str) -> None:
    """Drift is named, and nothing is written."""
    made.server.run(
        f"DROP VIEW {made.quoted}.metrics_by_day, {made.quoted}.metrics_by_agent, {made.quoted}.metrics_by_version"
    )
    made.server.run(f"ALTER TABLE {made.quoted}.call_metrics {change}")
    before = made.state()
    made.log(call("b", minute=1))
    with pytest.raises(VoicetelError, match=message):
        made.export()
    assert made.state() == before


def test_tables_of_somebody_else_are_refused(target: Target) -> None:
    """A table of that name that voicetel has not made is not written to unless asked to."""
    target.server.run(f"CREATE SCHEMA {target.quoted}; CREATE TABLE {target.quoted}.call_logs (id int)")
    target.log(call("a"))
    with pytest.raises(VoicetelError, match="call_logs is there already and was not made by voicetel") as caught:
        target.export()
    assert caught.value.hint == "fill it with --existing, or name another --schema"
    assert target.rows(f"SELECT to_regclass('{target.quoted}.schema_versions') IS NULL") == [(True,)]


def test_columns_that_were_added_are_left_alone(made: Target) -> None:
    """Somebody's own column keeps its values when the row is updated."""
    made.server.run(
        f"ALTER TABLE {made.quoted}.call_metrics ADD COLUMN note text; UPDATE {made.quoted}.call_metrics SET note = 'x'"
    )
    made.card_text = made.card_text.replace("0.015", "0.03")
    made.export()
    assert made.value("SELECT note FROM {}.call_metrics") == "x"


def test_views_sum_up_by_day_agent_and_release(made: Target) -> None:
    """Their sums are those of the tables."""
    made.log([*call("b", 2, minute=3), *({**event, "agent_version": "2.0"} for event in call("c", 1, minute=4))])
    made.export()
    for view in ("metrics_by_day", "metrics_by_agent", "metrics_by_version"):
        assert made.value(f"SELECT sum(cost_total) FROM {{}}.{view}") == made.value(
            "SELECT sum(cost_total) FROM {}.call_metrics"
        )
        assert made.value(f"SELECT sum(turns) FROM {{}}.{view}") == "6"
    assert made.rows(f"SELECT agent_version, calls FROM {made.quoted}.metrics_by_version ORDER BY 1") == [
        ("1.0", 2),
        ("2.0", 1),
    ]


def test_names_of_schemas_may_hold_anything(target: Target) -> None:
    """Quotes, capitals and semicolons are part of the name."""
    target.schema = 'Voice "Tel"; DROP SCHEMA public \\ \''
    target.log(call("a"))
    target.export()
    target.export()
    quoted = target.schema.replace('"', '""')
    assert target.rows(f'SELECT count(*) FROM "{quoted}".call_metrics') == [(1,)]


def test_versions_that_somebody_deleted_are_one_line(made: Target) -> None:
    """Which version the tables have is then not known, and not guessed."""
    made.server.run(f"DELETE FROM {made.quoted}.schema_versions")
    for options in ({}, {"dry_run": True}):
        with pytest.raises(VoicetelError, match="schema_versions is empty, so nothing says which version") as caught:
            made.export(**options)
        assert f"VALUES ({max(migrations())}) if they are those of this voicetel" in str(caught.value.hint)


@pytest.mark.parametrize("name", ["", "a" * 64, "я" * 32, "nul\0"])
def test_a_name_that_postgresql_would_cut_off_is_refused(target: Target, name: str) -> None:
    """Two names of 64 bytes that are alike in 63 would be one schema."""
    target.log(call("a"))
    with pytest.raises(UsageError, match="a schema cannot be called"):
        dataclasses.replace(target, schema=name).export()


def test_a_name_of_63_bytes_is_a_schema(target: Target) -> None:
    """The longest there is."""
    longest = dataclasses.replace(target, schema="ж" * 31 + "z")
    longest.log(call("a"))
    longest.export()
    assert longest.value("SELECT count(*) FROM {}.call_metrics") == 1


def test_rows_that_a_trigger_keeps_out_are_told_as_such(made: Target) -> None:
    """Somebody has given our table a trigger: neither inserted nor unchanged, and tried again by the next run."""
    made.server.run(
        f"SET search_path TO {made.quoted};"
        "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF NEW.turn_index > 1 THEN RETURN NULL; END IF; RETURN NEW; END $$;"
        "CREATE TRIGGER keep BEFORE INSERT ON call_logs FOR EACH ROW EXECUTE FUNCTION keep();"
    )
    made.log(call("b", minute=1))
    summary = made.export()
    logs = summary.tables["call_logs"]
    assert (logs.inserted, logs.updated, logs.unchanged, logs.not_taken) == (1, 0, 3, 2)
    assert "pg: call_logs: 1 inserted, 0 updated, 3 unchanged, 2 not taken by the table's triggers or rules" in list(
        summary_lines({"pg": summary})
    )
