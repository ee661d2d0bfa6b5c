-- call_minutes: one row per group and minute in which a call began or ended, and one per minute over all groups (group_id NULL).
--   minute           UTC
--   started, ended   how many calls did
-- Reads: timed_calls.
SELECT group_id, minute, count(*) FILTER (is_start) AS started, count(*) FILTER (NOT is_start) AS ended
FROM (
    SELECT group_id, date_trunc('minute', started_at) AS minute, true AS is_start FROM timed_calls
    UNION ALL
    SELECT group_id, date_trunc('minute', ended_at), false FROM timed_calls)
GROUP BY GROUPING SETS ((group_id, minute), (minute));
