-- numbered_stage_latencies: one row per turn and latency of a stage that is known of it, or was excluded.
--   call_id, line_key, group_id   of the turn
--   latency                       its name
--   ms                            NULL: excluded
--   stage, model_number           of the operation that the latency is of
--   is_impossible                 it was excluded
-- stage_latencies: the same with provider and model.
-- llm_latency_ms sums over a turn's LLM operations and counts for the model of the first that was not cancelled, so that the counts
-- of all models add up to the count over all turns.
-- Reads: selected_turns, operations, model_numbers, call_models.
CREATE OR REPLACE TEMP VIEW numbered_stage_latencies AS
WITH
-- The operations that a turn's latencies are of: of each kind the first by start. A number has the operation's place before that
-- of its model, so that the least is the first. Calls with one model for each stage have no need of it.
first AS MATERIALIZED (
    SELECT
        source, line_key,
        min(place_and_model) FILTER (stage = 'stt') AS stt,
        min(place_and_model) FILTER (stage = 'llm' AND answered) AS llm,
        min(place_and_model) FILTER (stage = 'llm' AND status IS DISTINCT FROM 'cancelled') AS any_llm,
        min(place_and_model) FILTER (stage = 'tts' AND answered) AS tts,
        min(place_and_model) FILTER (stage = 'realtime' AND answered) AS realtime,
        min(place_and_model) FILTER (stage = 'eot') AS eot
    FROM (
        SELECT
            source, line_key, stage, status, operation * 4294967296 + model_number AS place_and_model,
            status IS DISTINCT FROM 'cancelled' AND status IS DISTINCT FROM 'error' AS answered
        FROM operations
        JOIN model_numbers ON
            model_numbers.provider IS NOT DISTINCT FROM operations.provider
            AND model_numbers.model IS NOT DISTINCT FROM operations.model
        WHERE event = 'turn' AND call_id IN (SELECT call_id FROM call_models WHERE is_mixed)
    )
    GROUP BY source, line_key
),
turn AS (
    SELECT
        call_id, line_key, group_id, impossible,
        stt_ttfb_ms, llm_ttft_ms, llm_latency_ms, tts_ttfb_ms, realtime_ttfb_ms, endpointing_ms,
        CASE WHEN is_mixed THEN first.stt % 4294967296 ELSE call_models.stt END AS stt,
        CASE WHEN is_mixed THEN first.llm % 4294967296 ELSE call_models.llm END AS llm,
        CASE WHEN is_mixed THEN first.any_llm % 4294967296 ELSE call_models.llm END AS any_llm,
        CASE WHEN is_mixed THEN first.tts % 4294967296 ELSE call_models.tts END AS tts,
        CASE WHEN is_mixed THEN first.realtime % 4294967296 ELSE call_models.realtime END AS realtime,
        CASE WHEN is_mixed THEN first.eot % 4294967296 ELSE call_models.eot END AS eot
    FROM selected_turns LEFT JOIN call_models USING (call_id) LEFT JOIN first USING (source, line_key)
),
stage AS (
    SELECT call_id, line_key, group_id, impossible, 'endpointing_ms' AS latency, endpointing_ms AS ms, 'eot' AS stage, eot AS model_number
    FROM turn
    UNION ALL
    SELECT call_id, line_key, group_id, impossible, 'stt_ttfb_ms', stt_ttfb_ms, 'stt', stt FROM turn
    UNION ALL
    SELECT call_id, line_key, group_id, impossible, 'llm_ttft_ms', llm_ttft_ms, 'llm', llm FROM turn
    UNION ALL
    SELECT call_id, line_key, group_id, impossible, 'llm_latency_ms', llm_latency_ms, 'llm', any_llm FROM turn
    UNION ALL
    SELECT call_id, line_key, group_id, impossible, 'tts_ttfb_ms', tts_ttfb_ms, 'tts', tts FROM turn
    UNION ALL
    SELECT call_id, line_key, group_id, impossible, 'realtime_ttfb_ms', realtime_ttfb_ms, 'realtime', realtime FROM turn
)
SELECT * EXCLUDE (impossible), coalesce(list_contains(impossible, latency), false) AS is_impossible
FROM stage
WHERE ms IS NOT NULL OR list_contains(impossible, latency);

CREATE OR REPLACE TEMP VIEW stage_latencies AS
SELECT * EXCLUDE (model_number) FROM numbered_stage_latencies LEFT JOIN model_numbers USING (model_number);
