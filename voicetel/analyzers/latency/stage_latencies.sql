-- stage_latencies: one row per turn and latency of a stage that is known of it, or was excluded.
--   call_id, line_key, group_id   of the turn
--   latency                       its name
--   ms                            NULL: excluded
--   stage, provider, model        of the operation that the latency is of
--   is_impossible                 it was excluded
-- llm_latency_ms sums over a turn's LLM operations and counts for the model of the first that was not cancelled, so that the counts
-- of all models add up to the count over all turns.
-- Reads: selected_turns.
CREATE OR REPLACE TEMP VIEW stage_latencies AS
WITH
turn AS (
    SELECT
        call_id, line_key, group_id, impossible,
        stt_ttfb_ms, llm_ttft_ms, llm_latency_ms, tts_ttfb_ms, realtime_ttfb_ms, endpointing_ms,
        list_filter(operations, lambda o: o.stage = 'stt')[1] AS stt,
        list_filter(operations, lambda o: o.stage = 'llm' AND o.status IS DISTINCT FROM 'cancelled' AND o.status IS DISTINCT FROM 'error')[1] AS llm,
        list_filter(operations, lambda o: o.stage = 'llm' AND o.status IS DISTINCT FROM 'cancelled')[1] AS any_llm,
        list_filter(operations, lambda o: o.stage = 'tts' AND o.status IS DISTINCT FROM 'cancelled' AND o.status IS DISTINCT FROM 'error')[1] AS tts,
        list_filter(operations, lambda o: o.stage = 'realtime' AND o.status IS DISTINCT FROM 'cancelled' AND o.status IS DISTINCT FROM 'error')[1] AS realtime,
        list_filter(operations, lambda o: o.stage = 'eot')[1] AS eot
    FROM selected_turns
),
stage AS (
    SELECT
        call_id, line_key, group_id, impossible,
        unnest([
            {latency: 'endpointing_ms', ms: endpointing_ms, stage: 'eot', provider: eot.provider, model: eot.model},
            {latency: 'stt_ttfb_ms', ms: stt_ttfb_ms, stage: 'stt', provider: stt.provider, model: stt.model},
            {latency: 'llm_ttft_ms', ms: llm_ttft_ms, stage: 'llm', provider: llm.provider, model: llm.model},
            {latency: 'llm_latency_ms', ms: llm_latency_ms, stage: 'llm', provider: any_llm.provider, model: any_llm.model},
            {latency: 'tts_ttfb_ms', ms: tts_ttfb_ms, stage: 'tts', provider: tts.provider, model: tts.model},
            {latency: 'realtime_ttfb_ms', ms: realtime_ttfb_ms, stage: 'realtime', provider: realtime.provider, model: realtime.model}
        ], recursive := true)
    FROM turn
)
SELECT * EXCLUDE (impossible), coalesce(list_contains(impossible, latency), false) AS is_impossible
FROM stage
WHERE ms IS NOT NULL OR list_contains(impossible, latency);
