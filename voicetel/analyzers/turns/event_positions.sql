-- event_positions: one row per event of the selected calls that is a turn or called providers: where it stands in its call.
--   stream_id, line_key      the event
--   turn_index            of a turn: its number as logged; where a call's numbers are missing or come twice, its index; else NULL
--   has_interruption_flags, logged_interruptions
--                         of its call: has_interruption_flags and interruption_count of calls
--   next_user_start_us    when the next turn's caller begins, µs since 1970; NULL: not known, or not asked for, since flags or a count tell
--   operations_before     how many operations the call's earlier events have, by time
-- Reads: events, selected_calls, turns; the macros of interruption_macros.sql.
CREATE OR REPLACE TEMP TABLE event_positions AS
WITH
indexed AS (
    -- The index that turns have of their own would be worked out for those of all calls.
    SELECT
        stream_id, line_key, has_interruption_flags, interruption_count AS logged_interruptions,
        CASE
            WHEN numbered THEN turn
            ELSE row_number() OVER (PARTITION BY call_id ORDER BY turn_order(numbered, turn, ts), turn, line_key)
        END AS turn_index
    FROM turns JOIN (SELECT call_id, numbered, has_interruption_flags, interruption_count FROM selected_calls) USING (call_id)
),
-- Windows over few columns of few calls: most calls say for themselves whether they were interrupted.
next_callers AS (
    SELECT stream_id, line_key, next_caller_begins_us(call_id, numbered, turn, ts, line_key, user_spoke, user_start_ms) AS next_user_start_us
    FROM turns
    JOIN (SELECT call_id, numbered FROM selected_calls WHERE NOT has_interruption_flags AND interruption_count IS NULL) USING (call_id)
),
with_operations AS (
    SELECT
        stream_id, line_key,
        CAST(sum(operations) OVER (PARTITION BY call_id ORDER BY ts, line_key) - operations AS BIGINT) AS operations_before
    FROM (SELECT stream_id, line_key, call_id, ts, operation_count AS operations FROM events WHERE operation_count > 0)
    SEMI JOIN selected_calls USING (call_id)
)
SELECT stream_id, line_key, turn_index, has_interruption_flags, logged_interruptions, next_user_start_us, operations_before
FROM indexed
LEFT JOIN next_callers USING (stream_id, line_key)
FULL JOIN with_operations USING (stream_id, line_key);
