-- One row per group, and one over all groups (group_id NULL).
--   calls, duration_s     calls, and the sum of the lengths that are known
--   successes, answered   calls that succeeded, and that somebody answered
--   unmetered             turns in which a caller spoke, of calls that have no STT and no realtime quantity at all
-- Reads: usage, selected_calls.
SELECT
    group_id, count(*) AS calls, sum(duration_s) AS duration_s,
    count(*) FILTER (outcome = 'success') AS successes, count(*) FILTER (answered) AS answered,
    sum(user_turns) FILTER (call_id NOT IN (SELECT call_id FROM usage WHERE stage IN ('stt', 'realtime') AND quantity_bits > 0)) AS unmetered
FROM selected_calls
GROUP BY GROUPING SETS ((group_id), ());
