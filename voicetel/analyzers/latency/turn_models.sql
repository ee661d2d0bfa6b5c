-- One row per selected turn: its latencies that are of a stage, and the models that they are of.
--   call_id, line_key, group_id, impossible       as of turns
--   stt_ttfb_ms … endpointing_ms
--   stt, llm, any_llm, tts, realtime, eot         number of the model of the turn's first operation of this kind, of any_llm that of the
--                                                 first that was not cancelled; of no meaning where the turn has no such latency
-- Reads: selected_turns, operations, model_numbers, call_models.
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
)
SELECT
    call_id, line_key, group_id, impossible,
    stt_ttfb_ms, llm_ttft_ms, llm_latency_ms, tts_ttfb_ms, realtime_ttfb_ms, endpointing_ms,
    CASE WHEN is_mixed THEN CAST(first.stt % 4294967296 AS INTEGER) ELSE call_models.stt END AS stt,
    CASE WHEN is_mixed THEN CAST(first.llm % 4294967296 AS INTEGER) ELSE call_models.llm END AS llm,
    CASE WHEN is_mixed THEN CAST(first.any_llm % 4294967296 AS INTEGER) ELSE call_models.llm END AS any_llm,
    CASE WHEN is_mixed THEN CAST(first.tts % 4294967296 AS INTEGER) ELSE call_models.tts END AS tts,
    CASE WHEN is_mixed THEN CAST(first.realtime % 4294967296 AS INTEGER) ELSE call_models.realtime END AS realtime,
    CASE WHEN is_mixed THEN CAST(first.eot % 4294967296 AS INTEGER) ELSE call_models.eot END AS eot
FROM selected_turns LEFT JOIN call_models USING (call_id) LEFT JOIN first USING (source, line_key)
