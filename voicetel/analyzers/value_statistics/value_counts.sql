-- value_counts: one row per group, measure and whole ms: how many values lie there.
--   group_id, measure
--   whole_ms           the values' whole part, in ms
--   n, sum_ms          how many, and their exact sum
--   min_ms, max_ms     the least and the largest of them
-- Reads: measured_values.
SELECT
    group_id, measure, CAST(floor(ms) AS BIGINT) AS whole_ms,
    count(*) AS n, sum(ms) AS sum_ms, min(ms) AS min_ms, max(ms) AS max_ms
FROM measured_values
GROUP BY ALL;
