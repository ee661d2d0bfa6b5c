-- stage_latencies: one row per turn and latency of a stage that is known of it, or was excluded.
--   call_id, line_key, group_id   of the turn
--   latency                       its name
--   ms                            NULL: excluded
--   stage, provider, model        of the operation that the latency is of
--   is_impossible                 it was excluded
-- llm_latency_ms sums over a turn's LLM operations and counts for the model of the first that was not cancelled, so that the counts
-- of all models add up to the count over all turns.
-- Reads: selected_turns, operations.
CREATE OR REPLACE TEMP VIEW stage_latencies AS
WITH
-- The operations that a turn's latencies are of: of each kind the first by start.
first AS (
    SELECT
        source, line_key,
        arg_min(provider_and_model, operation) FILTER (stage = 'stt') AS stt,
        arg_min(provider_and_model, operation) FILTER (stage = 'llm' AND answered) AS llm,
        arg_min(provider_and_model, operation) FILTER (stage = 'llm' AND status IS DISTINCT FROM 'cancelled') AS any_llm,
        arg_min(provider_and_model, operation) FILTER (stage = 'tts' AND answered) AS tts,
        arg_min(provider_and_model, operation) FILTER (stage = 'realtime' AND answered) AS realtime,
        arg_min(provider_and_model, operation) FILTER (stage = 'eot') AS eot
    FROM (
        SELECT
            source, line_key, operation, stage, status, {provider: provider, model: model} AS provider_and_model,
            status IS DISTINCT FROM 'cancelled' AND status IS DISTINCT FROM 'error' AS answered
        FROM operations
        WHERE event = 'turn'
    )
    GROUP BY source, line_key
),
turn AS (
    SELECT
        call_id, line_key, group_id, impossible,
        stt_ttfb_ms, llm_ttft_ms, llm_latency_ms, tts_ttfb_ms, realtime_ttfb_ms, endpointing_ms,
        first.* EXCLUDE (source, line_key)
    FROM selected_turns LEFT JOIN first USING (source, line_key)
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
