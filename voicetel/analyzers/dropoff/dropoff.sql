-- One row per group and state of the dialogue, and one per state over all groups (group_id NULL).
--   state_id            as logged
--   calls               calls with a turn in that state
--   last_calls          calls of which the last turn that names a state names this one
--   hangups             of them, those that ended because the caller hung up
--   calls_with_reason   of the last calls, those that say why they ended
--   dropoffs            of those that hung up, calls that did not end as success
-- Reads: state_steps.
SELECT
    group_id, state_id,
    count(*) AS calls,
    count(*) FILTER (is_last) AS last_calls,
    count(*) FILTER (is_last AND has_reason) AS calls_with_reason,
    count(*) FILTER (is_last AND is_hangup) AS hangups,
    count(*) FILTER (is_last AND is_hangup AND NOT is_success) AS dropoffs
FROM state_steps
GROUP BY GROUPING SETS ((group_id, state_id), (state_id));
