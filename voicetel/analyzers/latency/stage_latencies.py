"""The latencies that are of one stage, turn by turn, with the model that each is of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.analyzers.core.sql_files import load_sql

if TYPE_CHECKING:
    from voicetel.analyzers.core.context import AnalysisContext

_STAGE_AND_MODEL_COLUMN = {
    "endpointing_ms": ("eot", "eot_model"),
    "stt_ttfb_ms": ("stt", "stt_model"),
    "llm_ttft_ms": ("llm", "llm_model"),
    "llm_latency_ms": ("llm", "any_llm_model"),
    "tts_ttfb_ms": ("tts", "tts_model"),
    "realtime_ttfb_ms": ("realtime", "realtime_model"),
}
"""Latency → its stage, and the column of turn_models.sql that says whose it is.

``llm_latency_ms`` sums over a turn's LLM operations and counts for the model of the first that was not cancelled, so that the
counts of all models add up to the count over all turns.
"""

STAGE_LATENCIES = tuple(_STAGE_AND_MODEL_COLUMN)
"""Those that are of one operation, by which they can be grouped."""


def create_latencies_with_model(context: AnalysisContext) -> None:
    """Make ``latencies_with_model``, and ``model_numbers``, which says what its numbers stand for.

    One row per turn and latency of a stage that is known of it, or was excluded: ``group_id``, ``latency`` (its name), ``ms``
    (NULL: excluded), ``is_impossible`` (it was excluded), ``stage``, ``model_number``.
    """
    turns_sql = _turn_models_sql(context)
    # Each latency is a look at all turns: without their ids they are few bytes, and are there at once.
    context.create_view("turn_models", f"SELECT * EXCLUDE (call_id, line_key) FROM ({turns_sql})", materialize=True)
    context.create_view("latencies_with_model", _latencies_with_model_sql("turn_models", ids_sql=""))


def create_stage_latencies(context: AnalysisContext) -> None:
    """Make ``stage_latencies``: the same with ``call_id`` and ``line_key`` of the turn, and ``provider`` and ``model``."""
    latencies_sql = _latencies_with_model_sql(f"({_turn_models_sql(context)})", ids_sql="call_id, line_key, ")
    named_sql = f"SELECT * EXCLUDE (model_number) FROM ({latencies_sql}) LEFT JOIN model_numbers USING (model_number)"
    context.create_view("stage_latencies", named_sql)


def _turn_models_sql(context: AnalysisContext) -> str:
    for name in ("model_numbers.sql", "call_models.sql", "first_models.sql"):
        context.run_on_calls(load_sql(__name__, name))
    return load_sql(__name__, "turn_models.sql")


def _latencies_with_model_sql(turns_sql: str, *, ids_sql: str) -> str:
    """SQL for a row per latency of the rows of ``turns_sql``."""
    known_sql = [
        f"SELECT {ids_sql}group_id, '{name}' AS latency, {name} AS ms, false AS is_impossible, '{stage}' AS stage,"
        f" {model_column} AS model_number FROM {turns_sql} WHERE {name} IS NOT NULL"
        for name, (stage, model_column) in _STAGE_AND_MODEL_COLUMN.items()
    ]
    excluded_sql = [
        f"SELECT {ids_sql}group_id, '{name}', NULL, true, '{stage}', {model_column} FROM {turns_sql} WHERE list_contains(impossible, '{name}')"
        for name, (stage, model_column) in _STAGE_AND_MODEL_COLUMN.items()
    ]
    return " UNION ALL ".join([*known_sql, *excluded_sql])
