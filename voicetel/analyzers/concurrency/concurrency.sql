-- One row per group, and one over all calls (group_id NULL).
--   calls         all of them
--   timed_calls   those whose length is known and above 0: only these count below
--   peak          the most calls at the same time; one that begins in the microsecond in which another ends is not at the same time
--   peak_at       when there were so many for the first time, UTC
-- Reads: concurrency_counts, peak_minutes, peak_edges.
WITH
running AS (
    SELECT
        edges.group_id, changed_at,
        peak_minutes.calls + sum(started - ended) OVER (
            PARTITION BY edges.group_id, edges.minute ORDER BY changed_at ROWS UNBOUNDED PRECEDING) AS calls
    FROM peak_edges AS edges
    JOIN peak_minutes ON
        peak_minutes.group_id IS NOT DISTINCT FROM edges.group_id AND peak_minutes.minute = edges.minute
),
peaks AS (
    SELECT group_id, max(calls) AS peak, arg_min(changed_at, (-calls, changed_at)) AS peak_at FROM running GROUP BY group_id
)
SELECT counts.group_id, counts.calls, counts.timed_calls, peaks.peak, peaks.peak_at
FROM concurrency_counts AS counts LEFT JOIN peaks ON peaks.group_id IS NOT DISTINCT FROM counts.group_id
ORDER BY counts.group_id NULLS FIRST;
