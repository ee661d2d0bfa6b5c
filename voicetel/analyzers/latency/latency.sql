-- One row per group and latency, and one per latency over all groups (group_id NULL).
--   n                          turns of which it is known
--   sum_ms, min_ms, max_ms     exact
-- Reads: latency_counts.
SELECT group_id, latency, sum(n) AS n, sum(sum_ms) AS sum_ms, min(min_ms) AS min_ms, max(max_ms) AS max_ms
FROM latency_counts
GROUP BY GROUPING SETS ((group_id, latency), (latency));
