-- One row per group, and one over all calls (group_id NULL).
--   calls         all of them
--   timed_calls   those whose length is known and above 0: only these count below
--   peak          the most calls at the same time; one that begins in the microsecond in which another ends is not at the same time
--   peak_at       when there were so many for the first time, UTC
-- Reads: selected_calls.
WITH
timed AS (
    SELECT group_id, started_at, started_at + to_microseconds(CAST(round(duration_s * 1000000) AS BIGINT)) AS ended_at
    FROM selected_calls
    WHERE duration_s > 0
),
edges AS (
    SELECT group_id, started_at AS changed_at, 1 AS change FROM timed
    UNION ALL
    SELECT group_id, ended_at, -1 FROM timed
),
running AS (
    SELECT group_id, changed_at, sum(change) OVER (PARTITION BY group_id ORDER BY changed_at, change ROWS UNBOUNDED PRECEDING) AS calls
    FROM edges
    UNION ALL
    SELECT NULL, changed_at, sum(change) OVER (ORDER BY changed_at, change ROWS UNBOUNDED PRECEDING)
    FROM edges
),
peaks AS (
    SELECT group_id, max(calls) AS peak, arg_min(changed_at, (-calls, changed_at)) AS peak_at FROM running GROUP BY group_id
),
counts AS (
    SELECT group_id, count(*) AS calls, count(*) FILTER (duration_s > 0) AS timed_calls
    FROM selected_calls
    GROUP BY GROUPING SETS ((group_id), ())
)
SELECT counts.group_id, counts.calls, counts.timed_calls, peaks.peak, peaks.peak_at
FROM counts LEFT JOIN peaks ON peaks.group_id IS NOT DISTINCT FROM counts.group_id
ORDER BY counts.group_id NULLS FIRST;
