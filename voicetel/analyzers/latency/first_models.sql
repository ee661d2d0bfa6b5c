-- first_models: the operations that a turn's latencies are of, one row per turn of calls that have several models for a stage.
--   source, line_key
--   stt, llm, any_llm, tts, realtime, eot         of each kind the first by start, of any_llm the first that was not cancelled: its
--                                                 place × 2^32 and the number of its model, so that the least is the first
-- Calls with one model for each stage have no need of it: of most logs there are few rows, or none.
-- Reads: operations, model_numbers, call_models.
CREATE OR REPLACE TEMP TABLE first_models AS
SELECT
    source, line_key,
    min(place_and_model) FILTER (stage = 'stt') AS stt,
    min(place_and_model) FILTER (stage = 'llm' AND succeeded) AS llm,
    min(place_and_model) FILTER (stage = 'llm' AND status IS DISTINCT FROM 'cancelled') AS any_llm,
    min(place_and_model) FILTER (stage = 'tts' AND succeeded) AS tts,
    min(place_and_model) FILTER (stage = 'realtime' AND succeeded) AS realtime,
    min(place_and_model) FILTER (stage = 'eot') AS eot
FROM (
    SELECT
        source, line_key, stage, status, operation * 4294967296 + model_number AS place_and_model,
        status IS DISTINCT FROM 'cancelled' AND status IS DISTINCT FROM 'error' AS succeeded
    FROM operations
    JOIN model_numbers ON
        model_numbers.provider IS NOT DISTINCT FROM operations.provider
        AND model_numbers.model IS NOT DISTINCT FROM operations.model
    WHERE event = 'turn' AND call_id IN (SELECT call_id FROM call_models WHERE is_mixed)
)
GROUP BY source, line_key;
