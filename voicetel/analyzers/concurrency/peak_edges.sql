-- peak_edges: one row per row of peak_minutes and microsecond of that minute in which a call began or ended.
--   group_id, minute
--   changed_at       UTC
--   started, ended   how many calls did
-- Reads: timed_calls, peak_minutes.
SELECT
    wanted.group_id, wanted.minute, changed_at,
    count(*) FILTER (is_start) AS started,
    count(*) FILTER (NOT is_start) AS ended
FROM (
    SELECT group_id, started_at AS changed_at, true AS is_start FROM timed_calls
    UNION ALL
    SELECT group_id, ended_at, false FROM timed_calls) AS edge
JOIN peak_minutes AS wanted ON
    wanted.minute = date_trunc('minute', edge.changed_at)
    AND (wanted.group_id IS NULL OR wanted.group_id = edge.group_id)
GROUP BY ALL;
