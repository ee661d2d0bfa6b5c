-- first_models: the operations that a turn's latencies are of, one row per turn of calls that have several models for a stage.
--   stream_id, line_key
--   first_stt, first_llm, first_any_llm, first_tts, first_realtime, first_eot
--                                                 of each kind the first by start, of first_any_llm the first that was not cancelled: its
--                                                 index × 2^32 and the number of its model, so that the least is the first
-- Calls with one model for each stage have no need of it: of most logs there are few rows, or none.
-- Reads: operations, model_numbers, call_models.
CREATE OR REPLACE TEMP TABLE first_models AS
SELECT
    stream_id, line_key,
    min(index_and_model) FILTER (stage = 'stt') AS first_stt,
    min(index_and_model) FILTER (stage = 'llm' AND succeeded) AS first_llm,
    min(index_and_model) FILTER (stage = 'llm' AND status IS DISTINCT FROM 'cancelled') AS first_any_llm,
    min(index_and_model) FILTER (stage = 'tts' AND succeeded) AS first_tts,
    min(index_and_model) FILTER (stage = 'realtime' AND succeeded) AS first_realtime,
    min(index_and_model) FILTER (stage = 'eot') AS first_eot
FROM (
    SELECT
        stream_id, line_key, stage, status, operation * 4294967296 + model_number AS index_and_model,
        status IS DISTINCT FROM 'cancelled' AND status IS DISTINCT FROM 'error' AS succeeded
    FROM operations
    JOIN model_numbers ON
        model_numbers.provider IS NOT DISTINCT FROM operations.provider
        AND model_numbers.model IS NOT DISTINCT FROM operations.model
    WHERE event = 'turn' AND call_id IN (SELECT call_id FROM call_models WHERE is_mixed)
)
GROUP BY stream_id, line_key;
