-- One row per group of calls, latency of a stage and whatever of stage, provider and model is asked for.
--   group_id
--   latency                 its name
--   stage, provider, model  of the operation that the latency is of; NULL where they are not asked for
--   n, sum_ms, min_ms, max_ms, percentiles
--                           in ms, over turns; percentiles is [p50, p90, p95, p99], interpolated linearly
--   impossible              values that were excluded
-- Reads: latencies_with_model, model_numbers. Bound: $latencies, names; $by_stage, $by_provider, $by_model, what is asked for.
WITH
shown_model AS MATERIALIZED (
    SELECT
        model_number,
        CASE WHEN $by_provider THEN provider END AS provider,
        CASE WHEN $by_model THEN model END AS model,
        dense_rank() OVER (ORDER BY CASE WHEN $by_provider THEN provider END, CASE WHEN $by_model THEN model END) AS shown_model_number
    FROM model_numbers
),
measured AS (
    SELECT
        group_id, latency, CASE WHEN $by_stage THEN stage END AS stage, shown_model_number,
        count(ms) AS n, sum(ms) AS sum_ms, min(ms) AS min_ms, max(ms) AS max_ms,
        quantile_cont(CAST(ms AS DOUBLE), [0.5, 0.9, 0.95, 0.99]) AS percentiles,
        count(*) FILTER (is_impossible) AS impossible
    FROM latencies_with_model LEFT JOIN shown_model USING (model_number)
    WHERE list_contains($latencies, latency)
    GROUP BY ALL
)
SELECT group_id, latency, stage, provider, model, n, sum_ms, min_ms, max_ms, percentiles, impossible
FROM measured
LEFT JOIN (SELECT DISTINCT shown_model_number, provider, model FROM shown_model) USING (shown_model_number)
ORDER BY group_id, latency, stage, provider, model;
