"""What each operation cost: rounded so that those of a component add up to what it cost in the call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.example_logs.simulated import simulated_store
from support.exports.exported import CARD
from voicetel.analyzers.core.selection import ALL_CALLS
from voicetel.analyzers.prepare import analysis_context
from voicetel.analyzers.priced_usage.usage import price_usage
from voicetel.analyzers.turns.turn_rows import operation_rows, turn_rows

if TYPE_CHECKING:
    from pathlib import Path

RUNNING = """
SELECT call_id, operation_index, exact_amount(so_far) - exact_amount(so_far - ninths) AS cost
FROM (
    SELECT
        call_id, operation_index, ninths,
        sum(coalesce(ninths, 0)) OVER (
            PARTITION BY call_id
            ORDER BY list_position(['stt', 'llm', 'tts', 'realtime', 'transport', 'other'], component), operation_index
        ) AS so_far
    FROM operation_amounts
)
"""
"""The same said simply: each is what the sum of the call up to it has more than the sum before it."""


def test_costs_are_those_of_sums_over_all_operations(tmp_path: Path) -> None:
    """Of a price per minute a second has no last digit: only such costs are summed, the others change no rounding."""
    with simulated_store(tmp_path, 120, seed=11) as store:
        context = analysis_context(store, ALL_CALLS)
        price_usage(context, CARD)
        turn_rows(context)
        operation_rows(context, CARD)
        ((operations, priced, rounded),) = context.rows(
            "SELECT count(*), count(cost), (SELECT count(*) FROM rounded_costs) FROM operation_rows"
        )
        assert 0 < rounded < priced < operations
        (other,) = context.rows(
            "SELECT count(*) FROM operation_rows AS found"
            f" JOIN ({RUNNING}) AS summed USING (call_id, operation_index)"
            " WHERE found.cost IS DISTINCT FROM summed.cost"
        )
        assert other == (0,)
        (differs,) = context.rows(
            "SELECT bool_or(found.cost <> exact_amount(ninths)) FROM operation_rows AS found"
            " JOIN operation_amounts USING (call_id, operation_index)"
        )
        assert differs == (True,)
