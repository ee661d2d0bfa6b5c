-- One row per group of calls, latency of a stage and whatever of stage, provider and model is asked for.
--   group_id
--   latency                 its name
--   stage, provider, model  of the operation that the latency is of; NULL where they are not asked for
--   n, sum_ms, min_ms, max_ms, percentiles
--                           in ms, over turns; percentiles is [p50, p90, p95, p99], interpolated linearly
--   impossible              values that were excluded
-- Reads: stage_latencies. Bound: $by_stage, $by_provider, $by_model, what is asked for.
WITH
measured AS (
    SELECT
        group_id, latency, ms, is_impossible,
        CASE WHEN $by_stage THEN stage END AS stage,
        CASE WHEN $by_provider THEN provider END AS provider,
        CASE WHEN $by_model THEN model END AS model
    FROM stage_latencies
)
SELECT
    group_id, latency, stage, provider, model,
    count(ms) AS n, sum(ms) AS sum_ms, min(ms) AS min_ms, max(ms) AS max_ms,
    quantile_cont(CAST(ms AS DOUBLE), [0.5, 0.9, 0.95, 0.99]) AS percentiles,
    count(*) FILTER (is_impossible) AS impossible
FROM measured
GROUP BY group_id, latency, stage, provider, model
ORDER BY group_id, latency, stage, provider, model;
