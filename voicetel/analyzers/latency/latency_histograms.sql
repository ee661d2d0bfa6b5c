-- One row per latency and bucket that has values, over all groups.
--   latency
--   bucket     its place, from 0; the last takes what is above too
--   n          values in it
-- A whole ms of which the single values were not asked for lies in one bucket; were it not so, this would be an error.
-- Reads: value_counts, exact_whole_ms, exact_values, histogram_bounds. Bound: $last, the place of the last bucket.
WITH
counted AS (
    SELECT measure, CAST(whole_ms AS DOUBLE) AS first_ms, CAST(whole_ms AS DOUBLE) + 0.999 AS last_ms, sum(n) AS n
    FROM value_counts
    ANTI JOIN (FROM exact_whole_ms WHERE group_id IS NULL) AS wanted USING (measure, whole_ms)
    GROUP BY measure, whole_ms
    UNION ALL
    SELECT measure, CAST(ms AS DOUBLE), CAST(ms AS DOUBLE), n FROM exact_values WHERE group_id IS NULL
),
bucketed AS (
    SELECT
        measure, n,
        least(greatest(CAST(floor((first_ms - low_ms) / step_ms) AS INTEGER), 0), $last) AS bucket,
        least(greatest(CAST(floor((last_ms - low_ms) / step_ms) AS INTEGER), 0), $last) AS last_bucket
    FROM counted JOIN histogram_bounds USING (measure)
)
SELECT
    measure AS latency,
    CASE WHEN bucket = last_bucket THEN bucket ELSE error('the edge of a histogram lies in a ms that was not asked for') END AS bucket,
    CAST(sum(n) AS BIGINT) AS n
FROM bucketed
GROUP BY ALL
ORDER BY ALL;
