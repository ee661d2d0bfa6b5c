-- One row per group and measure, and one per measure over all groups (group_id NULL).
--   n                          how many values are known
--   sum_ms, min_ms, max_ms     exact
-- Reads: value_counts.
SELECT group_id, measure, sum(n) AS n, sum(sum_ms) AS sum_ms, min(min_ms) AS min_ms, max(max_ms) AS max_ms
FROM value_counts
GROUP BY GROUPING SETS ((group_id, measure), (measure));
