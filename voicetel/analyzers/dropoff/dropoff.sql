-- One row per group and state of the dialogue, and one per state over all groups (group_id NULL).
--   state_id     as logged
--   calls        calls with a turn in that state
--   last_calls   calls of which the last turn that names a state names this one
--   hangups      of them, those that ended because the caller hung up
--   dropoffs     of those, calls that did not end as success
-- Reads: selected_calls, selected_turns.
WITH
reached AS (
    SELECT DISTINCT call_id, state_id FROM selected_turns WHERE state_id IS NOT NULL
),
last_state AS (
    SELECT call_id, arg_max(state_id, (ts, line_key)) AS state_id FROM selected_turns WHERE state_id IS NOT NULL GROUP BY call_id
),
step AS (
    SELECT
        calls.group_id, reached.state_id,
        reached.state_id = last_state.state_id AS is_last,
        coalesce(calls.end_reason = 'caller_hangup', false) AS is_hangup,
        calls.outcome = 'success' AS is_success
    FROM reached
    JOIN last_state ON last_state.call_id = reached.call_id
    JOIN selected_calls AS calls ON calls.call_id = reached.call_id
)
SELECT
    group_id, state_id,
    count(*) AS calls,
    count(*) FILTER (is_last) AS last_calls,
    count(*) FILTER (is_last AND is_hangup) AS hangups,
    count(*) FILTER (is_last AND is_hangup AND NOT is_success) AS dropoffs
FROM step
GROUP BY GROUPING SETS ((group_id, state_id), (state_id));
