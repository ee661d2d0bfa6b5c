-- latency_counts: one row per group, latency and whole ms: how many values lie there.
--   group_id, latency
--   whole_ms           the values' whole part, in ms
--   n, sum_ms          how many, and their exact sum
--   min_ms, max_ms     the least and the largest of them
-- Reads: latency_values.
CREATE OR REPLACE TEMP TABLE latency_counts AS
SELECT
    group_id, latency, CAST(floor(ms) AS INTEGER) AS whole_ms,
    count(*) AS n, sum(ms) AS sum_ms, min(ms) AS min_ms, max(ms) AS max_ms
FROM latency_values
GROUP BY ALL;
