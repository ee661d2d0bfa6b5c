"""The temporary views that every analyzer reads: the rows of the selected calls, with the group of each.

- ``selected_calls``: one row per call, with the columns of ``calls_with_state`` (calls_with_state.sql), ``group_id``, the number of its
  group from 0, and ``group_values``, the group's values as text. Grouped by turns or operations, a row has the group of its own
  turn or operation; one that has none, as all calls have none by models, has ``group_id`` -1.
- ``selected_turns``, ``selected_usage``: the rows of ``turns`` and ``usage`` with ``group_id``.
- ``selected_operations``: the rows of ``operations`` with ``group_id``, the UTC ``day``, what the provider ``charged`` (not
  NULL where its words make an amount) and in what ``charged_currency``, and ``billed_…`` and ``quantity_bits`` as in ``usage``.
- ``logged_usage``: ``call_id``, ``group_id``, and what a row of ``selected_usage`` says of what was used, as logged: ``stt_s``, audio
  sent to STT in s, connected time where a provider logged no audio; ``llm_input_tokens``, ``llm_output_tokens``;
  ``tts_characters``; ``transport_s``, connected time of transports in s. NULL: not logged, or of another stage.
- ``turn_latencies``: ``call_id``, ``group_id``, ``impossible`` and the latencies of ``selected_turns``.

Columns of which there is one for each latency or quantity are made here, of the tables in events/ and pricing/.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.analyzers.core.dimensions import Level
from voicetel.analyzers.core.groups import create_group_keys
from voicetel.analyzers.core.sql_files import create_temp_view
from voicetel.events.metrics import TURN_LATENCY_NAMES
from voicetel.store.column_types import billed_columns_sql, quantity_bits_sql, usage_column_names

if TYPE_CHECKING:
    import duckdb

    from voicetel.analyzers.core.groups import Grouping

_LOGGED_USAGE_SQL = """
SELECT
    call_id,
    group_id,
    CASE WHEN stage = 'stt' THEN coalesce(audio_s, session_s) END AS stt_s,
    CASE WHEN stage = 'llm' THEN input_tokens END AS llm_input_tokens,
    CASE WHEN stage = 'llm' THEN output_tokens END AS llm_output_tokens,
    CASE WHEN stage = 'tts' THEN characters END AS tts_characters,
    CASE WHEN stage = 'transport' THEN session_s END AS transport_s
FROM selected_usage
"""


def create_selected_views(connection: duckdb.DuckDBPyConnection, grouping: Grouping, *, selects_all: bool) -> None:
    """Make the views over ``selected_calls``. With ``selects_all`` all rows are selected, in one group: nothing is looked up."""
    group_sql = ", 0 AS group_id FROM {0}" if selects_all else ", group_id FROM {0} JOIN selected_calls USING (call_id)"
    views_sql = {
        "selected_turns": f"SELECT turns.*{group_sql.format('turns')}",
        "selected_operations": _operations_sql(f"SELECT operations.*{group_sql.format('operations')}"),
        "selected_usage": f"SELECT usage.* EXCLUDE (stream_id){group_sql.format('usage')}",
        "turn_latencies": f"SELECT call_id, group_id, impossible, {', '.join(TURN_LATENCY_NAMES)} FROM selected_turns",
    }
    if not grouping.is_of_calls:
        create_group_keys(connection, grouping)
        views_sql |= _finer_views_sql(grouping)
    for name, sql in {**views_sql, "logged_usage": _LOGGED_USAGE_SQL}.items():
        create_temp_view(connection, name, sql, materialize=False)


def _finer_views_sql(grouping: Grouping) -> dict[str, str]:
    """Of a grouping by turns or operations: the views whose rows have groups of their own."""
    views_sql = {}
    if grouping.level is Level.TURN:
        turns_sql = "turns JOIN (FROM turn_keys JOIN group_keys USING (group_values)) USING (line_key)"
        views_sql["selected_turns"] = f"SELECT turns.*, group_id FROM {turns_sql}"
    if grouping.has_turn_dimension:
        operations_sql = (
            "SELECT * EXCLUDE (group_values) FROM operations_with_group_values JOIN group_keys USING (group_values)"
        )
        views_sql["selected_operations"] = _operations_sql(operations_sql)
        # Of what is known per call and model it is not known in which turn it was used.
        views_sql["selected_usage"] = (
            f"SELECT call_id, group_id, day, stage, provider, model, quantity_bits, {', '.join(usage_column_names())},"
            " charged_currency AS currency, charged, 1 AS operations FROM selected_operations"
        )
    else:
        usage_sql = "usage_with_group_values JOIN group_keys USING (group_values)"
        views_sql["selected_usage"] = f"SELECT * EXCLUDE (stream_id, group_values) FROM {usage_sql}"
        rows_sql = (
            "SELECT operations.*, group_values AS parent_values FROM operations JOIN selected_calls USING (call_id)"
        )
        keyed_sql = f"SELECT * EXCLUDE (parent_values), {grouping.values_sql(Level.OPERATION, 'parent_values')} AS group_values FROM ({rows_sql})"
        views_sql["selected_operations"] = _operations_sql(
            f"SELECT * EXCLUDE (group_values) FROM ({keyed_sql}) JOIN group_keys USING (group_values)"
        )
    return views_sql


def _operations_sql(rows_sql: str) -> str:
    billed_sql = ", ".join(f"{sql} AS {column}" for column, sql in billed_columns_sql().items())
    charged_sql = (
        f"SELECT *, CAST(ts AS DATE) AS day, charged_amount(cost, currency) AS charged, {billed_sql} FROM ({rows_sql})"
    )
    return (
        f"SELECT *, CASE WHEN charged IS NOT NULL THEN upper(currency) END AS charged_currency, {quantity_bits_sql()} AS quantity_bits"
        f" FROM ({charged_sql})"
    )
