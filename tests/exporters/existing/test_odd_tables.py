"""Tables of every make: names in capitals, blank-padded types, keys without a default, rules, triggers, foreign keys."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from support.exports.existing_tables import fill
from support.exports.exported import call, counts, turn
from voicetel.errors import VoicetelError

if TYPE_CHECKING:
    from support.exports.exported import Target

METRICS = "CREATE TABLE call_metrics (call_id text UNIQUE, turn_count int, outcome text);"
LOGS = "CREATE TABLE call_logs (call_id text, turn_index int, role text, content text, latency_llm float8);"


NUMBERS = ("smallint", "integer", "bigint", "numeric", "numeric(12)", "numeric(12,2)")


def made(target: Target, sql: str) -> Target:
    """A schema with these tables, and two calls of two turns each to fill them with."""
    target.server.run(f"CREATE SCHEMA {target.quoted}; SET search_path TO {target.quoted}; {sql}")
    target.log([*call("a", 2), *call("b", 2, minute=1)])
    return target


def test_a_foreign_key_onto_the_table_that_is_filled_is_no_obstacle(target: Target) -> None:
    """The parent rows come in the same transaction."""
    made(target, METRICS + LOGS.replace("call_id text", "call_id text REFERENCES call_metrics (call_id)"))
    assert counts(fill(target)) == {"call_metrics": (2, 0, 0, 0), "call_logs": (8, 0, 0, 0)}


@pytest.mark.parametrize(
    "tables",
    [
        (
            'CREATE TABLE "CALL_METRICS" ("CALL_ID" varchar(64) PRIMARY KEY, "TURN_COUNT" int, "OUTCOME" varchar(9));'
            'CREATE TABLE "CALL_LOGS" ("ID" serial, "CALL_ID" varchar(64), "TURN_INDEX" int, "ROLE" varchar(9), "CONTENT" text)'
        ),
        (
            'CREATE TABLE "CallMetrics" ("callId" text PRIMARY KEY, "turnCount" int, outcome text, "updatedAt" timestamptz NOT NULL);'
            'CREATE TABLE "CallLogs" (id uuid PRIMARY KEY, "callId" text, "turnIndex" int, role text, content text)'
        ),
        (
            'CREATE TABLE "Call_Metrics" (id bigint PRIMARY KEY, "Call_Id" text, "Turn_Count" int, "Outcome" text);'
            'CREATE TABLE call_logs ("Call_ID" text, "Turn_Index" int, "Role" text, "Content" text)'
        ),
    ],
    ids=["capitals", "camel case", "title case"],
)
def test_names_are_found_however_they_are_written(target: Target, tables: str) -> None:
    """Capitals and camel case are the same names; filled twice, the second time nothing is written."""
    made(target, tables)
    assert counts(fill(target)) == {"call_metrics": (2, 0, 0, 0), "call_logs": (8, 0, 0, 0)}
    assert counts(fill(target)) == {"call_metrics": (0, 0, 2, 0), "call_logs": (0, 0, 8, 0)}


def test_two_tables_or_columns_that_could_be_meant_are_refused(target: Target) -> None:
    """Which of them is not for us to say."""
    made(target, 'CREATE TABLE "CallMetrics" (call_id text); CREATE TABLE "CALL_METRICS" (call_id text);' + LOGS)
    with pytest.raises(VoicetelError, match="call_metrics can be any of CALL_METRICS, CallMetrics"):
        fill(target)
    target.server.run(f'SET search_path TO {target.quoted}; DROP TABLE "CallMetrics";')
    target.server.run(f'ALTER TABLE {target.quoted}."CALL_METRICS" ADD "turnCount" int, ADD "TURN_COUNT" int')
    with pytest.raises(VoicetelError, match="turnCount and TURN_COUNT can both be turn_count"):
        fill(target)


def test_blank_padded_columns_hold_the_same(target: Target) -> None:
    """char(n) pads with blanks, which are no part of a value: filled again nothing is written."""
    made(
        target,
        METRICS.replace("text", "char(40)")
        + LOGS.replace("call_id text", "call_id char(40)").replace("role text", "role char(12)"),
    )
    assert counts(fill(target)) == {"call_metrics": (2, 0, 0, 0), "call_logs": (8, 0, 0, 0)}
    assert counts(fill(target)) == {"call_metrics": (0, 0, 2, 0), "call_logs": (0, 0, 8, 0)}
    target.log(call("a ", 1, minute=2))
    with pytest.raises(VoicetelError, match="differ in blanks at their end"):
        fill(target)


@pytest.mark.parametrize(
    "type_",
    [
        "uuid",
        "smallint",
        "integer",
        "bigint",
        "numeric",
        "numeric(12)",
        "numeric(12,2)",
        "text",
        "varchar(36)",
        "varchar(32)",
        "char(32)",
        "char(36)",
    ],
)
def test_a_key_without_a_default_gets_values(target: Target, type_: str) -> None:
    """Whatever its type, every row has one of its own, behind those that are there."""
    old = {"uuid": f"'{uuid.UUID(int=7)}'", **dict.fromkeys(NUMBERS, "41")}.get(type_, "'41'")
    key = f"(id {type_} PRIMARY KEY, "
    made(target, METRICS.replace("(", key, 1) + LOGS.replace("(", key, 1))
    target.server.run(f"INSERT INTO {target.quoted}.call_logs (id, call_id) VALUES ({old}, 'other')")
    fill(target)
    assert target.value("SELECT count(DISTINCT id) FROM {}.call_logs") == 9
    if old == "41":
        assert (
            target.value("SELECT array_agg(id::int ORDER BY id)::text FROM {}.call_logs")
            == "{41,42,43,44,45,46,47,48,49}"
        )


def test_a_sequence_that_is_there_for_the_key_is_used(target: Target) -> None:
    """ORMs keep one beside the table; a number that it has not given would come twice."""
    made(
        target,
        METRICS
        + "CREATE SEQUENCE call_logs_seq START 1000 INCREMENT 50;"
        + LOGS.replace("(", "(id bigint PRIMARY KEY, ", 1),
    )
    fill(target)
    assert target.value("SELECT min(id) FROM {}.call_logs") == 1000
    assert target.value("SELECT max(id) FROM {}.call_logs") == 1350


def test_a_key_that_nothing_can_fill_is_refused(target: Target) -> None:
    """One line, before anything is written."""
    made(target, METRICS + LOGS.replace("(", "(id varchar(8) PRIMARY KEY, ", 1))
    with pytest.raises(VoicetelError, match=r"call_logs.id must not be NULL and has no default"):
        fill(target)


def test_tables_with_rules_are_filled(target: Target) -> None:
    """A rule may write beside, as an audit does."""
    made(
        target,
        METRICS + LOGS + "CREATE TABLE audit (call_id text);"
        "CREATE RULE audit AS ON INSERT TO call_logs DO ALSO INSERT INTO audit VALUES (NEW.call_id);"
        "CREATE RULE audited AS ON UPDATE TO call_metrics DO ALSO INSERT INTO audit VALUES ('updated');",
    )
    assert counts(fill(target))["call_logs"] == (8, 0, 0, 0)
    assert target.value("SELECT count(*) FROM {}.audit") == 8
    target.server.run(f"UPDATE {target.quoted}.call_metrics SET turn_count = 0")
    assert counts(fill(target)) == {"call_metrics": (0, 2, 0, 0), "call_logs": (0, 0, 8, 0)}


@pytest.mark.parametrize(
    "keeper",
    [
        "CREATE RULE keep AS ON INSERT TO call_logs WHERE NEW.turn_index > 2 DO INSTEAD NOTHING;",
        (
            "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " IF NEW.turn_index > 2 THEN RETURN NULL; END IF; RETURN NEW; END $$;"
            "CREATE TRIGGER keep BEFORE INSERT ON call_logs FOR EACH ROW EXECUTE FUNCTION keep();"
        ),
    ],
    ids=["rule", "trigger"],
)
def test_rows_that_the_table_does_not_take_are_told_as_such(target: Target, keeper: str) -> None:
    """They are neither inserted nor unchanged."""
    made(target, METRICS + LOGS + keeper)
    logs = fill(target).tables["call_logs"]
    assert (logs.inserted, logs.unchanged, logs.not_taken) == (4, 0, 4)
    logs = fill(target).tables["call_logs"]
    assert (logs.inserted, logs.unchanged, logs.not_taken) == (0, 4, 4)


def test_updates_that_the_table_does_not_take_are_told_as_such(target: Target) -> None:
    """A trigger that keeps what is there."""
    made(
        target,
        METRICS + LOGS + "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;"
        "CREATE TRIGGER keep BEFORE UPDATE ON call_metrics FOR EACH ROW EXECUTE FUNCTION keep();",
    )
    fill(target)
    target.server.run(f"ALTER TABLE {target.quoted}.call_metrics DISABLE TRIGGER keep")
    target.server.run(f"UPDATE {target.quoted}.call_metrics SET turn_count = 0 WHERE call_id = 'a'")
    target.server.run(f"ALTER TABLE {target.quoted}.call_metrics ENABLE TRIGGER keep")
    metrics = fill(target).tables["call_metrics"]
    assert (metrics.updated, metrics.unchanged, metrics.not_taken) == (0, 1, 1)


def test_a_table_with_call_id_alone_is_filled(target: Target) -> None:
    """There is nothing to update."""
    made(target, "CREATE TABLE call_metrics (call_id text); CREATE TABLE call_logs (call_id text)")
    assert counts(fill(target)) == {"call_metrics": (2, 0, 0, 0), "call_logs": (4, 0, 0, 0)}
    assert counts(fill(target)) == {"call_metrics": (0, 0, 2, 0), "call_logs": (0, 0, 4, 0)}


def test_a_partitioned_table_is_filled(target: Target) -> None:
    """Rows of two partitions can stand at the same place."""
    made(
        target,
        METRICS
        + LOGS.replace(";", " PARTITION BY LIST (role);")
        + "CREATE TABLE callers PARTITION OF call_logs FOR VALUES IN ('user');"
        "CREATE TABLE agents PARTITION OF call_logs FOR VALUES IN ('assistant');",
    )
    assert counts(fill(target))["call_logs"] == (8, 0, 0, 0)
    target.server.run(f"UPDATE {target.quoted}.call_logs SET latency_llm = 1 WHERE role = 'assistant'")
    assert counts(fill(target))["call_logs"] == (0, 4, 4, 0)


def test_domains_are_held_to_the_type_beneath(target: Target) -> None:
    """With its length and its precision."""
    made(
        target,
        "CREATE DOMAIN short AS varchar(3); CREATE DOMAIN tens AS numeric(1, -1);"
        "CREATE TABLE call_metrics (call_id text, outcome short, turn_count tens);" + LOGS,
    )
    with pytest.raises(VoicetelError, match=r"call_metrics.outcome of call a does not fit character varying\(3\)"):
        fill(target)


def test_a_negative_scale_is_known(target: Target) -> None:
    """numeric(1, -1) holds 0 to 90, in tens."""
    made(
        target,
        "CREATE TABLE call_metrics (call_id text, turn_count numeric(1, -1), llm_output_tokens numeric(1, -1));" + LOGS,
    )
    target.log(call("long", 5, minute=4))
    # Five turns of 20 tokens are 100; two are 40.
    with pytest.raises(VoicetelError, match=r"llm_output_tokens of call long does not fit numeric\(1,-1\)") as caught:
        fill(target)
    assert "call a" not in str(caught.value)


@pytest.mark.parametrize(("kind", "count"), [("int NOT NULL", 0), ("int NOT NULL DEFAULT 7", 0), ("int", None)])
def test_a_count_that_must_not_be_null(target: Target, kind: str, count: int | None) -> None:
    """Where nothing says whether the agent was stopped, 0 was counted; the rate is unknown all the same."""
    made(
        target,
        f"CREATE TABLE call_metrics (call_id text, interruption_count {kind}, interruption_rate float8);" + LOGS,
    )
    target.log([turn("mute", 1, agent={"text": "a"})])
    fill(target)
    found = "SELECT interruption_count, interruption_rate FROM {}.call_metrics WHERE call_id = 'mute'"
    assert target.rows(found.format(target.quoted)) == [(count, None)]
    assert counts(fill(target))["call_metrics"] == (0, 0, 3, 0)


def test_a_view_is_refused(target: Target) -> None:
    """Its rows are found again by their place, which a view has not."""
    made(target, "CREATE TABLE t (call_id text); CREATE VIEW call_metrics AS SELECT * FROM t;" + LOGS)
    with pytest.raises(VoicetelError, match=r"call_metrics is a view, not a table"):
        fill(target)
