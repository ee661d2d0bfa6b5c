-- state_steps: one row per selected call and state of the dialogue that a turn of it names.
--   group_id, call_id, state_id
--   is_last      the last turn that names a state names this one
--   has_reason   the call says why it ended
--   is_hangup    the call ended because the caller hung up
--   is_success   the call ended as success
-- Reads: selected_calls, selected_turns.
CREATE OR REPLACE TEMP VIEW state_steps AS
WITH
reached AS (
    SELECT DISTINCT call_id, state_id FROM selected_turns WHERE state_id IS NOT NULL
),
last_state AS (
    SELECT call_id, arg_max(state_id, turn) AS by_number FROM selected_turns WHERE state_id IS NOT NULL GROUP BY call_id
),
-- Of few calls, and mostly of none: see turn_order.sql. NULL numbers come last of one moment.
last_unnumbered_state AS (
    SELECT call_id, arg_max(state_id, (ts, coalesce(turn, 9223372036854775807), line_key)) AS by_time
    FROM selected_turns SEMI JOIN (SELECT call_id FROM selected_calls WHERE turns > 0 AND NOT numbered) USING (call_id)
    WHERE state_id IS NOT NULL
    GROUP BY call_id
)
SELECT
    calls.group_id, calls.call_id, reached.state_id,
    reached.state_id = CASE WHEN calls.numbered THEN by_number ELSE by_time END AS is_last,
    calls.end_reason IS NOT NULL AS has_reason,
    coalesce(calls.end_reason = 'caller_hangup', false) AS is_hangup,
    calls.outcome = 'success' AS is_success
FROM reached
JOIN last_state ON last_state.call_id = reached.call_id
JOIN selected_calls AS calls ON calls.call_id = reached.call_id
LEFT JOIN last_unnumbered_state AS unnumbered ON unnumbered.call_id = reached.call_id;
