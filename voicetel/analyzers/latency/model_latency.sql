-- One row per group of calls, latency of a stage and whatever of provider and model is asked for.
--   group_id
--   latency                 its name
--   provider, model         of the operation that the latency is of; NULL where they are not asked for
--   n, sum_ms, min_ms, max_ms, percentiles
--                           in ms, over turns; percentiles is [p50, p90, p95, p99], interpolated linearly
--   impossible              values that were excluded
-- Reads: selected_turns. Bound: $by_provider, $by_model, what is asked for.
WITH
turn AS (
    SELECT
        group_id, impossible, stt_ttfb_ms, llm_ttft_ms, llm_latency_ms, tts_ttfb_ms, realtime_ttfb_ms, endpointing_ms,
        list_filter(operations, lambda o: o.stage = 'stt')[1] AS stt,
        list_filter(operations, lambda o: o.stage = 'llm' AND o.status IS DISTINCT FROM 'cancelled' AND o.status IS DISTINCT FROM 'error')[1] AS llm,
        list_filter(operations, lambda o: o.stage = 'llm' AND o.status IS DISTINCT FROM 'cancelled')[1] AS any_llm,
        list_filter(operations, lambda o: o.stage = 'tts' AND o.status IS DISTINCT FROM 'cancelled' AND o.status IS DISTINCT FROM 'error')[1] AS tts,
        list_filter(operations, lambda o: o.stage = 'realtime' AND o.status IS DISTINCT FROM 'cancelled' AND o.status IS DISTINCT FROM 'error')[1] AS realtime,
        list_filter(operations, lambda o: o.stage = 'eot')[1] AS eot
    FROM selected_turns
),
-- llm_latency_ms sums over a turn's LLM operations and counts for the model of the first that was not cancelled, so that the
-- counts of all models add up to the count over all turns.
stage AS (
    SELECT
        group_id, impossible,
        unnest([
            {latency: 'endpointing_ms', ms: endpointing_ms, provider: eot.provider, model: eot.model},
            {latency: 'stt_ttfb_ms', ms: stt_ttfb_ms, provider: stt.provider, model: stt.model},
            {latency: 'llm_ttft_ms', ms: llm_ttft_ms, provider: llm.provider, model: llm.model},
            {latency: 'llm_latency_ms', ms: llm_latency_ms, provider: any_llm.provider, model: any_llm.model},
            {latency: 'tts_ttfb_ms', ms: tts_ttfb_ms, provider: tts.provider, model: tts.model},
            {latency: 'realtime_ttfb_ms', ms: realtime_ttfb_ms, provider: realtime.provider, model: realtime.model}
        ], recursive := true)
    FROM turn
),
measured AS (
    SELECT
        group_id, latency, ms, list_contains(impossible, latency) AS is_impossible,
        CASE WHEN $by_provider THEN provider END AS provider,
        CASE WHEN $by_model THEN model END AS model
    FROM stage
)
SELECT
    group_id, latency, provider, model,
    count(ms) AS n, sum(ms) AS sum_ms, min(ms) AS min_ms, max(ms) AS max_ms,
    quantile_cont(CAST(ms AS DOUBLE), [0.5, 0.9, 0.95, 0.99]) AS percentiles,
    count(*) FILTER (is_impossible) AS impossible
FROM measured
WHERE ms IS NOT NULL OR is_impossible
GROUP BY group_id, latency, provider, model
ORDER BY group_id, latency, provider, model;
