"""Filling tables that are there already: ``--existing``."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from support.exports.existing_tables import IDS, WRITTEN_BY_HAND, fill, make_tables, versions
from support.exports.exported import CARD_TEXT, call, counts, turn
from voicetel.errors import VoicetelError
from voicetel.exporters.tables import CALL_METRICS

if TYPE_CHECKING:
    from support.exports.exported import Target


@pytest.fixture
def existing(target: Target) -> Target:
    """Tables written by hand, with a foreign key, and five calls of one to five turns."""
    return make_tables(target, WRITTEN_BY_HAND)


def test_existing_tables_hold_the_same_figures_in_their_own_types(existing: Target) -> None:
    """Every column that they have is filled, rounded to its own scale; others keep what they had."""
    summary = fill(existing, with_text=True)

    assert counts(summary) == {"call_metrics": (5, 0, 0, 0), "call_logs": (30, 0, 0, 0)}
    for row, expected in zip(existing.table("call_metrics", "call_id"), existing.calls(), strict=True):
        assert row["call_id"] == expected["call_id"]
        for column in CALL_METRICS.columns:
            value = expected.get(column.ours)
            if isinstance(value, (int, float, Decimal)) and column.name in row and column.name != "turn_count":
                assert abs(Decimal(row[column.name]) - Decimal(value)) <= Decimal("0.005"), column.name
    first = existing.table("call_logs", "call_id, turn_index")[0]
    assert (first["role"], first["content"], first["created_at"]) == ("user", "Question 1", "2026-11-02T09:00:01")


def test_filling_again_writes_nothing(existing: Target) -> None:
    """Rows that are as they should be are not touched, in tables with a key and in those without."""
    fill(existing)
    before = versions(existing)
    assert counts(fill(existing)) == {"call_metrics": (0, 0, 5, 0), "call_logs": (0, 0, 30, 0)}
    assert versions(existing) == before


def test_a_call_that_changed_is_brought_up_to_date(existing: Target) -> None:
    """Its metrics are updated, what is new is inserted; no other row is touched."""
    fill(existing)
    before = versions(existing)
    existing.log([turn(IDS[1], 7, minute=1)])
    summary = fill(existing, batch_rows=2)

    assert counts(summary) == {"call_metrics": (0, 1, 4, 0), "call_logs": (2, 0, 30, 0)}
    assert len(before - versions(existing)) == 1
    assert existing.value(f"SELECT updated_at > created_at FROM {{}}.call_metrics WHERE call_id = '{IDS[1]}'") is True


@pytest.mark.parametrize("rules", ["SELECT 1", "ALTER TABLE {}.call_logs ADD UNIQUE (call_id, turn_index)"])
def test_a_turn_that_changed_sides_is_there_once(target: Target, rules: str) -> None:
    """The agent's greeting was written anew as a turn of the caller's: the row of the agent goes, though no turn is one's any more."""
    key: dict[str, Any] = {"writer": "w", "seq": 1}
    greeting = {name: value for name, value in turn(IDS[0], 1, **key).items() if name != "user"}
    make_tables(target, WRITTEN_BY_HAND)
    target.server.run(rules.replace("{}", target.quoted))
    for path in target.logs.iterdir():
        path.unlink()
    target.log([greeting])
    fill(target, row_per="turn")
    target.server.run(
        f"INSERT INTO {target.quoted}.call_logs (call_id, turn_index, role) VALUES ('{IDS[0]}', 9, 'system')"
    )
    target.log([turn(IDS[0], 1, **key) | {"ts": "2026-11-02T09:00:05.000Z"}])
    summary = fill(target, row_per="turn")

    assert counts(summary)["call_logs"] == (1, 0, 0, 1)
    assert target.rows(f"SELECT turn_index, role FROM {target.quoted}.call_logs ORDER BY 1") == [
        (1, "user"),
        (9, "system"),
    ]


def test_a_new_price_changes_costs_alone(existing: Target) -> None:
    """Turns have no costs here, so only metrics are updated."""
    fill(existing)
    existing.card_text = CARD_TEXT.replace("0.015", "1.5")
    assert counts(fill(existing)) == {"call_metrics": (0, 5, 0, 0), "call_logs": (0, 0, 30, 0)}


def test_a_dry_run_checks_and_writes_nothing(existing: Target) -> None:
    """Whatever would be refused is refused; otherwise nothing happens."""
    fill(existing, dry_run=True)
    assert existing.value("SELECT count(*) FROM {}.call_metrics") == 0
    existing.log(call("no uuid", minute=9))
    with pytest.raises(VoicetelError, match="call id no uuid is no UUID"):
        fill(existing, dry_run=True)


def test_ids_that_are_no_uuid_are_listed(existing: Target) -> None:
    """All are counted, the first are named, and nothing is written."""
    for n in range(7):
        existing.log(call(f"call {n}", 1, minute=10 + n))
    with pytest.raises(VoicetelError) as caught:
        fill(existing)
    assert "call id call 0 is no UUID; call id call 1 is no UUID" in str(caught.value)
    assert "and 2 more" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert existing.value("SELECT count(*) FROM {}.call_metrics") == 0


def test_calls_without_a_parent_row_are_listed(existing: Target) -> None:
    """The foreign key is asked before anything is written."""
    orphan = str(uuid.UUID(int=99))
    existing.log(call(orphan, minute=20))
    with pytest.raises(VoicetelError, match=f"call {orphan} has no row in"):
        fill(existing)
    assert existing.value("SELECT count(*) FROM {}.call_metrics") == 0


def test_two_spellings_of_one_uuid_are_refused(existing: Target) -> None:
    """They would be one call."""
    spelled = "abcdefab-0000-0000-0000-000000000001"
    existing.log([*call(spelled), *call(spelled.upper(), minute=2)])
    with pytest.raises(VoicetelError, match="are one UUID"):
        fill(existing)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("llm_input_tokens TYPE smallint", "call_metrics.llm_input_tokens of call .* does not fit smallint"),
        ("cost_total TYPE NUMERIC(10,10) USING 0", r"call_metrics.cost_total of call .* does not fit numeric\(10,10\)"),
        ("outcome TYPE VARCHAR(3)", r"call_metrics.outcome of call .* does not fit character varying\(3\)"),
        ("cost_total TYPE boolean USING true", "call_metrics.cost_total is boolean, which cannot hold number"),
        ("sentiment_score SET NOT NULL", "call_metrics.sentiment_score of call .* is NULL"),
        ("note SET NOT NULL", "call_metrics.note must not be NULL and has no default"),
    ],
)
def test_what_does_not_fit_is_said_before_anything_is_written(existing: Target, change: str, message: str) -> None:
    """A value that a column cannot hold, or a column that cannot be filled, is one line."""
    existing.server.run(f"ALTER TABLE {existing.quoted}.call_metrics ALTER COLUMN {change}")
    dear = {"stage": "llm", "provider": "groq", "input_tokens": 900_000, "cost": "12", "currency": "USD"}
    existing.log([turn(IDS[0], 8, operations=[dear])])
    existing.log(
        [{**event, "sentiment": None} for event in call(IDS[4], 5, minute=4) if event["event"] == "call_ended"]
    )
    if "sentiment" in change:
        existing.server.run(f"INSERT INTO {existing.quoted}.calls (id) VALUES ('{uuid.UUID(int=50)}')")
        existing.log([turn(str(uuid.UUID(int=50)), 1)])
    with pytest.raises(VoicetelError, match=message):
        fill(existing)
    assert existing.value("SELECT count(*) FROM {}.call_metrics") == 0


def test_other_columns_may_be_missing(existing: Target) -> None:
    """Of our columns as many are filled as there are."""
    for name in ("cost_stt", "cost_livekit", "outcome_confidence"):
        existing.server.run(f"ALTER TABLE {existing.quoted}.call_metrics DROP COLUMN {name}")
    existing.server.run(f"ALTER TABLE {existing.quoted}.call_logs DROP COLUMN extra_data")
    assert counts(fill(existing))["call_logs"] == (30, 0, 0, 0)


def test_a_schema_without_the_tables_is_refused(target: Target) -> None:
    """Nothing is made in somebody else's schema."""
    target.log(call(IDS[0]))
    with pytest.raises(VoicetelError, match=r"there is no table .*call_metrics"):
        fill(target)
