-- One row per latency and bucket that has values, over all groups.
--   latency
--   bucket     its place, from 0; the last takes what is above too
--   n          values in it
-- Reads: measured_values, histogram_bounds. Bound: $last, the place of the last bucket.
SELECT
    measure AS latency, least(CAST(floor((CAST(ms AS DOUBLE) - low_ms) / step_ms) AS INTEGER), $last) AS bucket, count(*) AS n
FROM measured_values JOIN histogram_bounds USING (measure)
GROUP BY latency, bucket;
