-- One row per group of calls, latency of a stage and whatever of provider and model is asked for.
--   part                    number of the group of calls
--   latency                 its name
--   {keys}                  of the operation that the latency is of
--   n, sum, min, max, p     in ms: over turns; p is [p50, p90, p95, p99], interpolated linearly
--   impossible              values that were excluded
-- What stands in braces: keys, any of provider and model; latencies, one SELECT per latency over `turn`.
WITH
turn AS (
    SELECT
        part, impossible, stt_ttfb_ms, llm_ttft_ms, llm_latency_ms, tts_ttfb_ms, realtime_ttfb_ms, endpointing_ms,
        list_filter(operations, lambda o: o.stage = 'stt')[1] AS stt,
        list_filter(operations, lambda o: o.stage = 'llm' AND o.status IS DISTINCT FROM 'cancelled' AND o.status IS DISTINCT FROM 'error')[1] AS llm,
        list_filter(operations, lambda o: o.stage = 'llm' AND o.status IS DISTINCT FROM 'cancelled')[1] AS any_llm,
        list_filter(operations, lambda o: o.stage = 'tts')[1] AS tts,
        list_filter(operations, lambda o: o.stage = 'realtime')[1] AS realtime,
        list_filter(operations, lambda o: o.stage = 'eot')[1] AS eot
    FROM turns JOIN selected_calls USING (call_id)
),
measured AS ({latencies})
SELECT
    part, latency{keys},
    count(ms) AS n, sum(ms), min(ms), max(ms),
    quantile_cont(CAST(ms AS DOUBLE), [0.5, 0.9, 0.95, 0.99]),
    count(*) FILTER (is_impossible)
FROM measured
WHERE ms IS NOT NULL OR is_impossible
GROUP BY part, latency{keys}
ORDER BY part, latency{keys};
