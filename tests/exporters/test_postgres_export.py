"""What an export writes, and what it leaves alone."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from support.exports.exported import CARD, RULES, call, counts, turn
from support.exports.exported_checks import assert_same_calls
from support.logs import write_log
from voicetel.exporters.rows import parts_of
from voicetel.store import open_store

if TYPE_CHECKING:
    from support.exports.exported import Target


def test_a_call_is_the_row_that_calls_gives(any_target: Target) -> None:
    """Every column of call_metrics equals its figure in the table that `voicetel calls` shows."""
    any_target.log([*call("a", 5), *call("b", 2, minute=3), turn("never ended", 1, minute=9)])
    any_target.export()

    assert_same_calls(any_target)


def test_costs_add_up_to_the_bill(any_target: Target) -> None:
    """The sums over calls and over operations equal the total of the costs, to the last digit."""
    any_target.log([event for n in range(20) for event in call(f"call {n}", n % 5, minute=n)])
    any_target.export()

    expected = sum(row["cost_total"] for row in any_target.calls())
    assert Decimal(any_target.value("SELECT sum(cost_total) FROM {}.call_metrics")) == expected
    assert Decimal(any_target.value("SELECT sum(cost) FROM {}.operations")) == expected


def test_some_calls_at_a_time_are_as_good_as_all_at_once(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of parts that are exported one after the other nothing is left out and nothing comes twice; nor is it sent again."""
    monkeypatch.setattr("voicetel.analyzers.core.bounded_memory.time_slices.TURNS_AT_ONCE", 4)
    target.log([event for n in range(5) for event in call(f"call {n}", 3, minute=n // 2)])
    with open_store([str(target.logs)], RULES, cache=False) as store:
        assert len(list(parts_of(store, CARD))) > 2
    first = target.export()

    assert counts(first) == {
        "call_metrics": (5, 0, 0, 0),
        "call_logs": (15, 0, 0, 0),
        "operations": (50, 0, 0, 0),
    }
    assert_same_calls(target)
    assert all(table.inserted == table.updated == 0 for table in target.export().tables.values())


def test_a_turn_is_a_row_of_call_logs(target: Target) -> None:
    """Roles, numbers, latencies and quantities stand in the columns; what has no column stands in extra_data."""
    greeting = {"turn": 0, "user": None, "agent": {"text": "Hello", "start_ms": 5, "end_ms": 900}}
    target.log([{**turn("a", 1), **greeting}, turn("a", 3), turn("a", 4, interrupted_by="caller")])
    target.export(with_text=True)

    first, second, _ = target.table("call_logs")
    assert (first["turn_index"], first["role"], first["content"]) == (0, "agent", "Hello")
    assert second == {
        "call_id": "a",
        "turn_index": 3,
        "role": "user",
        "content": "Question 3",
        "state_id": None,
        "ttfb_stt": Decimal("170.5"),
        "latency_stt": None,
        "latency_llm": 300,
        "ttfb_tts": 100,
        "latency_tts": 350,
        "eou_latency": 603,
        "stt_duration_sec": Decimal("0.9"),
        "llm_input_tokens": 803,
        "llm_output_tokens": 20,
        "tts_characters": 31,
        "was_interrupted": True,
        "sentiment": None,
        "extra_data": {
            "turn": 3,
            "llm_ttft_ms": 120,
            "unattributed_ms": Decimal("19.5"),
            "user_start_ms": 0,
            "user_end_ms": 900,
            "agent_start_ms": 1503,
            "agent_end_ms": 2500,
            "agent_text": "Answer 3",
        },
        "created_at": "2026-11-02T09:00:03+00:00",
    }


def test_words_are_exported_only_where_asked_for(target: Target) -> None:
    """Without the option no word that was said reaches the database, and words that are there are taken out."""
    target.log(call("a"))
    target.export()
    assert target.value("SELECT count(content) FROM {}.call_logs") == 0
    assert target.value("SELECT count(*) FROM {}.call_logs WHERE extra_data::text LIKE '%Answer%'") == 0

    target.export(with_text=True)
    assert target.value("SELECT string_agg(content, ' ' ORDER BY turn_index) FROM {}.call_logs") == (
        "Question 1 Question 2 Question 3"
    )

    target.export()
    assert target.value("SELECT count(content) + count(extra_data->>'agent_text') FROM {}.call_logs") == 0


def test_an_operation_has_its_cost_and_the_rate_that_priced_it(target: Target) -> None:
    """What a provider charged beats the card; a rate is named with the day from which it holds."""
    target.card_text = """
        currency = "USD"
        [[llm.groq]]
        usd_per_1m_input_tokens = 1
        [[llm.groq]]
        usd_per_1m_input_tokens = 2
        effective_from = 2026-11-01
    """
    billed = {"stage": "llm", "provider": "groq", "input_tokens": 10, "cost": "0.25", "currency": "usd"}
    elsewhere = {"stage": "llm", "provider": "groq", "input_tokens": 10, "cost": "0.25", "currency": "EUR"}
    priced = {"stage": "llm", "provider": "groq", "model": "m", "input_tokens": 500_000}
    unknown = {"stage": "llm", "provider": "nobody", "input_tokens": 10}
    target.log([turn("a", 1, operations=[billed, elsewhere, priced, unknown])])
    target.export()

    rows = target.table("operations")
    assert [(row["operation_index"], row["cost"], row["rate"], row["rate_from"]) for row in rows] == [
        (1, Decimal("0.25"), None, None),
        (2, None, None, None),
        (3, 1, "llm.groq", "2026-11-01"),
        (4, None, None, None),
    ]
    assert [(row["billed_cost"], row["billed_currency"]) for row in rows[:2]] == [
        (Decimal("0.25"), "USD"),
        (Decimal("0.25"), "EUR"),
    ]
    assert {row["currency"] for row in rows} == {"USD"}
    assert {row["turn_index"] for row in rows} == {1}


def test_a_price_per_call_is_on_its_first_operation(target: Target) -> None:
    """One operation of a call carries it, so that the sum over operations is that of the call."""
    target.card_text = 'currency = "USD"\n[transport.livekit]\nusd_per_call = 0.5\nusd_per_minute = 0.06\n'
    leg = {"stage": "transport", "provider": "livekit", "session_s": 60}
    target.log([turn("a", 1, operations=[leg]), turn("a", 2, operations=[leg])])
    target.export()

    assert [row["cost"] for row in target.table("operations")] == [Decimal("0.56"), Decimal("0.06")]
    assert target.table("call_metrics")[0]["cost_total"] == Decimal("0.62")


def test_turns_without_numbers_of_their_own_are_counted(target: Target) -> None:
    """Where a call's numbers come twice, turn_index is the place in the call, by time."""
    times = ("2026-11-02T09:00:10.000Z", "2026-11-02T09:00:30.000Z", "2026-11-02T09:00:20.000Z")
    target.log([{**turn("a", number), "ts": ts} for number, ts in zip((5, 5, 9), times, strict=True)])
    target.export()

    assert [row["turn_index"] for row in target.table("call_logs")] == [1, 2, 3]
    assert [row["extra_data"]["turn"] for row in target.table("call_logs")] == [5, 9, 5]


def test_interrupted_turns_are_those_that_are_counted(target: Target) -> None:
    """Where no turn says whether the agent was interrupted, the spans do, as for the call."""
    agent = {"start_ms": 100, "end_ms": 90_000}
    target.log([turn("a", number, agent=agent) for number in (1, 2, 3)])
    target.export()

    assert [row["was_interrupted"] for row in target.table("call_logs")] == [True, True, False]
    assert target.table("call_metrics")[0]["interruption_count"] == 2


def test_an_interruption_that_nothing_speaks_of_is_null(any_target: Target) -> None:
    """Of a call and, where it is so of every call of a day, in the views; a call without a turn of the agent had none."""
    unknown = [turn("a", 1, agent={"text": "a"}), turn("b", 1, agent=None)]
    any_target.log(unknown)
    any_target.export()
    by_call = "SELECT call_id, interruption_count::int, interruption_rate FROM {}.call_metrics ORDER BY call_id"
    of_days = "SELECT interruptions::int, interruption_rate FROM {}.metrics_by_day"
    schema = any_target.quoted
    assert any_target.rows(by_call.format(schema)) == [("a", None, None), ("b", 0, None)]
    assert any_target.rows(of_days.format(schema)) == [(None, None)]
    any_target.log([*unknown, turn("c", 3)])
    any_target.export()
    assert any_target.rows(of_days.format(schema)) == [(1, 0.5)]


def test_nothing_new_writes_nothing(any_target: Target) -> None:
    """After a second export every row is the version that it was."""
    any_target.log([event for n in range(10) for event in call(f"call {n}", minute=n)])
    first = any_target.export()
    before = any_target.state()
    second = any_target.export()

    assert counts(first) == {"call_metrics": (10, 0, 0, 0), "call_logs": (30, 0, 0, 0), "operations": (100, 0, 0, 0)}
    assert counts(second) == {"call_metrics": (0, 0, 10, 0), "call_logs": (0, 0, 30, 0), "operations": (0, 0, 100, 0)}
    assert any_target.state() == before


def test_only_what_is_new_is_written(any_target: Target) -> None:
    """After calls are appended, the rows of the others are the versions that they were."""
    any_target.log([event for n in range(10) for event in call(f"call {n}", minute=n)])
    any_target.export()
    before = any_target.state()
    any_target.log([*call("new 1", minute=30), *call("new 2", 1, minute=40)])
    summary = any_target.export()

    assert counts(summary) == {"call_metrics": (2, 0, 10, 0), "call_logs": (4, 0, 30, 0), "operations": (14, 0, 100, 0)}
    assert set(before) < set(any_target.state())


def test_a_new_price_changes_the_costs_that_it_is_in(any_target: Target) -> None:
    """After a change of one model's price the calls that used it, and their operations of it, are updated; nothing else."""
    any_target.log(
        [*call("a", model="groq"), *call("b", minute=1, model="openai"), *call("c", minute=2, model="openai")]
    )
    any_target.export()
    before = {name: any_target.table(name) for name in ("call_metrics", "call_logs", "operations")}
    any_target.card_text = any_target.card_text.replace("0.15", "0.30")
    summary = any_target.export()

    assert counts(summary) == {"call_metrics": (0, 2, 1, 0), "call_logs": (0, 0, 9, 0), "operations": (0, 6, 24, 0)}
    assert any_target.table("call_logs") == before["call_logs"]
    changed = {
        (row["call_id"], name)
        for row, old in zip(any_target.table("call_metrics"), before["call_metrics"], strict=True)
        for name in row
        if row[name] != old[name]
    }
    assert changed == {
        (call_id, name) for call_id in ("b", "c") for name in ("cost_llm", "cost_total", "updated_at", "content_digest")
    }
    assert_same_calls(any_target)


def test_late_events_update_their_call(target: Target) -> None:
    """An event that comes later, in another file, changes its call as if it had been there at first."""
    events = call("a", 4)
    target.log([*events[:2], *events[3:]])
    target.export()
    target.log([events[2]])
    summary = target.export()

    assert counts(summary)["call_metrics"] == (0, 1, 0, 0)
    assert counts(summary)["call_logs"] == (1, 0, 3, 0)
    assert_same_calls(target)


def test_turns_that_a_call_no_longer_has_are_deleted(target: Target) -> None:
    """A call is written whole: what it had and has no more goes in the same transaction."""
    path = target.log(call("a", 4))
    target.export()
    path.unlink()
    target.log(call("a", 2))
    summary = target.export()

    assert counts(summary)["call_logs"] == (0, 0, 2, 2)
    assert target.value("SELECT count(*) FROM {}.operations") == 7
    assert_same_calls(target)


def test_a_change_that_duckdb_cannot_see_is_written(target: Target) -> None:
    """A word that is corrected in two letters: rows with the one and with the other have the same hash of DuckDB's."""
    texts = ("aaaaaaaaaaaaaaaa is my number", "aaaaaaavaaaaaaav is my number")
    with duckdb.connect() as connection:
        assert connection.execute("SELECT hash({'t': $1}) = hash({'t': $2})", list(texts)).fetchall() == [(True,)]
    for text in texts:
        (target.logs / "calls.jsonl").unlink(missing_ok=True)
        one = turn("a", 1)
        write_log(target.logs / "calls.jsonl", [{**one, "user": {**one["user"], "text": text}}])
        target.export(with_text=True)
        (row,) = target.table("call_logs")
        assert row["content"] == text


def test_a_call_whose_log_is_gone_stays(target: Target) -> None:
    """Logs are rotated away, the database is kept: neither a call that is gone nor the rest of one replaces what is there."""
    path = target.log([*call("gone", 2), *call("halved", 4, minute=1)])
    target.export()
    before = target.state()
    path.unlink()
    target.log(call("halved", 4, minute=1)[3:])
    summary = target.export()

    assert target.state() == before
    assert summary.kept_calls == 1


def test_a_dry_run_writes_nothing_and_says_what_it_would(target: Target) -> None:
    """Calls are told apart as in the run itself; not even the schema is made."""
    target.log([*call("a"), *call("b", minute=1)])
    summary = target.export(dry_run=True)
    assert counts(summary) == {"call_metrics": (2, 0, 0, 0), "call_logs": (6, 0, 0, 0), "operations": (20, 0, 0, 0)}
    assert target.value(f"SELECT count(*) FROM pg_namespace WHERE nspname = '{target.schema}'") == 0

    target.export()
    before = target.state()
    target.log([turn("b", 9, minute=1), *call("c", 1, minute=2)])
    summary = target.export(dry_run=True)
    assert counts(summary)["call_metrics"] == (1, 1, 1, 0)
    assert target.state() == before


def test_batches_of_any_size_give_the_same(target: Target, newest_server: Any) -> None:
    """One call per transaction or all in one: the tables are equal."""
    target.log([event for n in range(7) for event in call(f"call {n}", n, minute=n)])
    target.export(batch_rows=1)
    before = target.state()
    target.export()

    assert target.state() == before
    assert target.value("SELECT count(DISTINCT xmin::text) FROM {}.call_metrics") == 7


@pytest.mark.parametrize("table", ["call_metrics", "call_logs", "operations"])
def test_a_row_that_was_deleted_by_hand_comes_back_with_its_call(target: Target, table: str) -> None:
    """Deleting a call from call_metrics is how one has it written anew, all of it."""
    target.log([*call("a"), *call("b", minute=1)])
    target.export()
    before = target.value(f"SELECT count(*) FROM {{}}.{table}")
    target.server.run(f"DELETE FROM {target.quoted}.{table} WHERE call_id = 'a'")
    target.server.run(f"DELETE FROM {target.quoted}.call_metrics WHERE call_id = 'a'")
    target.export()

    assert target.value(f"SELECT count(*) FROM {{}}.{table}") == before
