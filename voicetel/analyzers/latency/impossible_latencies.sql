-- One row per group and latency, and one per latency over all groups (group_id NULL).
--   n     values that were impossible, and so excluded
-- Reads: latencies_with_group, tool_latencies.
SELECT group_id, latency, count(*) AS n
FROM (
    SELECT group_id, unnest(impossible) AS latency FROM latencies_with_group WHERE len(impossible) > 0
    UNION ALL
    SELECT group_id, 'tool_duration_ms' AS latency FROM tool_latencies WHERE ms IS NULL
)
GROUP BY GROUPING SETS ((group_id, latency), (latency));
