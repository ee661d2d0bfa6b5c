-- One row per group, and one over all groups (group_id NULL).
--   calls          how many
--   with_state     calls with a turn that names a state of the dialogue
--   with_reason    of them, those that say why they ended
-- Reads: selected_calls, state_steps.
SELECT
    calls.group_id,
    count(*) AS calls,
    count(steps.call_id) AS with_state,
    count(steps.call_id) FILTER (steps.has_reason) AS with_reason
FROM selected_calls AS calls
LEFT JOIN (SELECT call_id, has_reason FROM state_steps WHERE is_last) AS steps ON steps.call_id = calls.call_id
GROUP BY GROUPING SETS ((calls.group_id), ());
