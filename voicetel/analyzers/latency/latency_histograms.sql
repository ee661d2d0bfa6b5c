-- One row per latency and bucket that has values, over all groups.
--   latency
--   bucket     its place, from 0; the last takes what is above too
--   n          values in it
-- Reads: latency_values, latency_counts. Bound: lists of one length: $latencies, $low_ms (where the first bucket begins) and
-- $step_ms (how wide each is); $last, the place of the last bucket.
WITH
histogram AS (SELECT unnest($latencies) AS name, unnest($low_ms) AS low_ms, unnest($step_ms) AS step_ms),
bounds AS (
    SELECT latency, low_ms, step_ms
    FROM (SELECT DISTINCT latency FROM latency_counts) JOIN histogram ON CAST(latency AS VARCHAR) = name
)
SELECT latency, least(CAST(floor((CAST(ms AS DOUBLE) - low_ms) / step_ms) AS INTEGER), $last) AS bucket, count(*) AS n
FROM latency_values JOIN bounds USING (latency)
GROUP BY latency, bucket;
