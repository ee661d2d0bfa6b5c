"""The same amounts, to the last digit, in plain Python, in DuckDB, in PostgreSQL and in the parts of a cluster."""

from __future__ import annotations

import itertools
import tempfile
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, Phase, example, given, settings

from support.cluster.buckets import InProcess
from support.cluster.parity import on_many, on_one_machine
from support.example_logs.dealt_logs import Asked
from support.example_logs.priced_logs import bills, component, priced_logs, total
from support.exports.exported import Target
from support.reference.prices import Card, Entry, card_toml, is_amount_of, is_part_of
from support.soak import SOAK
from voicetel.analyzers.core.selection import Selection
from voicetel.pricing import parse_card

if TYPE_CHECKING:
    from support.logs import Event
    from support.servers.postgres_server import Server

_numbers = itertools.count(1)

COLUMNS = {
    "cost_stt": ["stt"],
    "cost_llm": ["llm"],
    "cost_tts": ["tts"],
    "cost_livekit": ["transport"],
    "cost_other": ["realtime", "other"],
}
"""Column of call_metrics → the components of a bill that it holds."""


ODD = (
    ("transport", "per_minute", "0.004", "session_s", 54.6),
    ("stt", "per_minute", "0.0043", "audio_s", 0.000001),
    ("stt", "per_hour", "0.77", "audio_s", 7919.000003),
    ("llm", "per_1m_input_tokens", "0.05", "input_tokens", 999_999_999),
    ("llm", "per_1m_output_tokens", "0.000001", "output_tokens", 1),
    ("llm", "per_1m_cached_input_tokens", "0.33", "cached_input_tokens", 7),
    ("tts", "per_1m_characters", "16.7", "characters", 31),
    ("tts", "per_1k_characters", "0.000007", "characters", 0.333333),
    ("tool", "per_request", "0.000001", "requests", 3),
    ("realtime", "per_minute", "0.07", "session_s", 1),
    ("platform", "per_minute", "0.0000011", "session_s", 59.999999),
)
"""Stage, key of the card, its rate, what was used, how much: amounts without a last digit, and the least and most that there are."""


def odd_amounts() -> tuple[Card, list[Event]]:
    """Each of them three times over, in one call and in another."""
    tables: dict[tuple[str, str, str | None], list[Entry]] = {
        (stage, f"p{n}", None): [Entry({key: Decimal(rate)})] for n, (stage, key, rate, _, _) in enumerate(ODD)
    }
    used = [{"stage": stage, "provider": f"p{n}", name: amount} for n, (stage, _, _, name, amount) in enumerate(ODD)]
    head = {"v": 1, "event": "usage", "ts": "2026-11-02T10:00:00Z"}
    return Card("USD", tables), [head | {"call_id": call_id, "operations": used * 3} for call_id in ("c0", "c1")]


@settings(
    max_examples=200 if SOAK else 3,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
@given(priced_logs())
@example(odd_amounts())
def test_amounts_are_the_same_everywhere(newest_server: Server, made: tuple[Card, list[Event]]) -> None:
    """Of each call and component, of each operation, and of all; the bill is the same text on one machine and on many."""
    reference, events = made
    expected = bills(reference, events)
    text = card_toml(reference)
    asked = Asked(Selection(by=("provider",)), parse_card(text, source="card"))
    with tempfile.TemporaryDirectory() as directory:
        target = Target(newest_server, f"money {next(_numbers)}", Path(directory) / "logs", card_text=text)
        target.log(events)
        target.export()
        duckdb_rows = {row["call_id"]: row for row in target.calls()}
        bill = on_one_machine(target.logs, "cost", asked)
        assert on_many(InProcess(), target.logs, "cost", asked, buckets=3) == bill
        in_all = target.bill()
    everything = [each for *_, each in expected]
    assert is_amount_of(in_all, total(everything) or Fraction(0))
    check_calls(target, expected, duckdb_rows)
    check_operations(target, expected)
    target.server.run(f"DROP SCHEMA {target.quoted} CASCADE")


def amounts(target: Target, sql: str) -> list[tuple[str, list[Decimal | None]]]:
    """A call and its amounts, row by row."""
    rows = target.rows(sql.replace("{}", target.quoted))
    return [(call_id, [None if each is None else Decimal(each) for each in found]) for call_id, *found in rows]


def check_calls(target: Target, expected: list[tuple[str, dict[str, Any], Any]], duckdb_rows: dict[str, Any]) -> None:
    """The costs of each call in PostgreSQL are those of DuckDB and of plain fractions, and add up."""
    for call_id, (cost_total, *parts) in amounts(
        target, f"SELECT call_id, cost_total, {', '.join(COLUMNS)} FROM {{}}.call_metrics"
    ):
        of_call = [(component(operation), each) for call, operation, each in expected if call == call_id]
        assert is_amount_of(cost_total, total([each for _, each in of_call]))
        assert cost_total == duckdb_rows[call_id]["cost_total"]
        for part, names in zip(parts, COLUMNS.values(), strict=True):
            assert is_part_of(part, total([each for name, each in of_call if name in names])), names
        assert sum(part or 0 for part in parts) == (cost_total or 0)


def check_operations(target: Target, expected: list[tuple[str, dict[str, Any], Any]]) -> None:
    """Each operation has its own amount, and those of a component add up to what it cost in the call."""
    rows = amounts(target, "SELECT call_id, cost FROM {}.operations ORDER BY call_id, operation_index")
    by_call = sorted(expected, key=lambda each: each[0])
    assert [call_id for call_id, _ in rows] == [call for call, *_ in by_call]
    for (_, (cost,)), (_, operation, each) in zip(rows, by_call, strict=True):
        assert is_part_of(cost, each.amount), operation
    sums = amounts(target, "SELECT call_id, sum(cost) FROM {}.operations GROUP BY 1")
    totals = dict(amounts(target, "SELECT call_id, cost_total FROM {}.call_metrics"))
    assert all(totals[call_id] == found for call_id, found in sums)
