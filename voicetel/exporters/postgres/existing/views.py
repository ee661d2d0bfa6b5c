"""The rows that a table of somebody else's gets, as views on the store's connection: ``existing_call_metrics`` and ``existing_call_logs``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.exporters.columns import figures_json, without_nul
from voicetel.exporters.tables import CALL_LOGS, CALL_METRICS

if TYPE_CHECKING:
    import duckdb

    from voicetel.exporters.postgres.existing.row_shape import RowShape

_CALLER_FIGURES = {"ttfb_stt", "latency_stt", "stt_duration_sec"}
_OF_TURN = {"call_id", "state_id", "sentiment"}

_EXTRA_OF_BOTH = ("turn",)
_EXTRA_OF_CALLER = ("user_start_ms", "user_end_ms")
_EXTRA_OF_AGENT = (
    "llm_ttft_ms", "endpointing_ms", "realtime_ttfb_ms", "unattributed_ms", "agent_start_ms", "agent_end_ms",
    "interrupted_by", "eou_from",
)  # fmt: skip


def create_views(connection: duckdb.DuckDBPyConnection, shape: RowShape, *, counts_interruptions: bool = False) -> None:
    """Make both views. With a row per speaker a call's ``turn_count`` is its number of rows, as such tables count.

    ``counts_interruptions``: ``interruption_count`` must not be NULL, so that an unknown one is the 0 that was counted.
    """
    metrics, logs = f"export_{CALL_METRICS.name}", f"export_{CALL_LOGS.name}"
    if counts_interruptions:
        metrics = f"(SELECT * REPLACE (coalesce(interruption_count, 0) AS interruption_count) FROM {metrics})"
    if shape.row_per == "turn":
        role = f"CASE role WHEN 'user' THEN {_text(shape.caller)} ELSE {_text(shape.agent)} END AS role"
        _create(connection, CALL_METRICS.name, f"FROM {metrics}")
        _create(connection, CALL_LOGS.name, f"SELECT * REPLACE ({role}) FROM {logs}")
        return
    _create(connection, CALL_LOGS.name, _speaker_rows(shape))
    _create(
        connection,
        CALL_METRICS.name,
        f"SELECT call.* REPLACE (coalesce(rows, 0) AS turn_count) FROM {metrics} AS call"
        f" LEFT JOIN (SELECT call_id, count(*) AS rows FROM existing_{CALL_LOGS.name} GROUP BY call_id) USING (call_id)",
    )


def _create(connection: duckdb.DuckDBPyConnection, name: str, query: str) -> None:
    connection.execute(f"CREATE OR REPLACE TEMP VIEW existing_{name} AS {query}")


def _speaker_rows(shape: RowShape) -> str:
    """One row for each side that spoke in a turn, the caller's first; the agent's where neither did.

    A figure stands with the side that it is about, and where that has no row, with the other: no figure is lost or twice.
    """
    number = "row_number() OVER (PARTITION BY call_id ORDER BY turn_index, is_caller DESC)"
    values = {
        "turn_index": "turn_index" if shape.shares_index else f"{number} + {shape.first_index - 1}",
        "role": f"CASE WHEN is_caller THEN {_text(shape.caller)} ELSE {_text(shape.agent)} END",
        "content": without_nul("CASE WHEN is_caller THEN user_text ELSE agent_text END"),
        "extra_data": f"CASE WHEN NOT agent_spoke THEN {_extra(*_EXTRA_OF_CALLER, *_EXTRA_OF_AGENT)}"
        f" WHEN is_caller THEN {_extra(*_EXTRA_OF_CALLER)} WHEN user_spoke THEN {_extra(*_EXTRA_OF_AGENT)}"
        f" ELSE {_extra(*_EXTRA_OF_CALLER, *_EXTRA_OF_AGENT)} END",
        "created_at": "CASE WHEN is_caller OR agent_start_ms IS NULL THEN ts"
        " ELSE ts + to_microseconds(CAST(round(agent_start_ms * 1000) AS BIGINT)) END",
    }
    for column in CALL_LOGS.columns:
        if column.name in values:
            continue
        value = f"({column.expression})"
        if column.name in _CALLER_FIGURES:
            value = f"CASE WHEN is_caller OR NOT user_spoke THEN {value} END"
        elif column.name not in _OF_TURN:
            value = f"CASE WHEN NOT is_caller OR NOT agent_spoke THEN {value} END"
        values[column.name] = value
    columns = ", ".join(f"{values[column.name]} AS {column.name}" for column in CALL_LOGS.columns)
    sides = "CASE WHEN user_spoke AND agent_spoke THEN [true, false] ELSE [user_spoke] END"
    return f"SELECT {columns} FROM (SELECT *, unnest({sides}) AS is_caller FROM export_turns)"


def _extra(*names: str) -> str:
    return figures_json((*_EXTRA_OF_BOTH, *names))


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
