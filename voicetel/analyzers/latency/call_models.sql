-- call_models: one row per call that has operations.
--   stt, llm, tts, realtime, eot    number of the only model of that stage; where there are several, that of one of them
--   is_mixed                        one of these stages has several: only its operations say which model a turn had
-- Reads: usage, model_numbers.
CREATE OR REPLACE TEMP TABLE call_models AS
WITH model AS (
    SELECT
        call_id,
        min(model_number) FILTER (stage = 'stt') AS stt, max(model_number) FILTER (stage = 'stt') AS last_stt,
        min(model_number) FILTER (stage = 'llm') AS llm, max(model_number) FILTER (stage = 'llm') AS last_llm,
        min(model_number) FILTER (stage = 'tts') AS tts, max(model_number) FILTER (stage = 'tts') AS last_tts,
        min(model_number) FILTER (stage = 'realtime') AS realtime, max(model_number) FILTER (stage = 'realtime') AS last_realtime,
        min(model_number) FILTER (stage = 'eot') AS eot, max(model_number) FILTER (stage = 'eot') AS last_eot
    FROM usage
    JOIN model_numbers ON
        model_numbers.provider IS NOT DISTINCT FROM usage.provider AND model_numbers.model IS NOT DISTINCT FROM usage.model
    GROUP BY call_id
)
SELECT
    call_id, stt, llm, tts, realtime, eot,
    coalesce(stt < last_stt, false) OR coalesce(llm < last_llm, false) OR coalesce(tts < last_tts, false)
        OR coalesce(realtime < last_realtime, false) OR coalesce(eot < last_eot, false) AS is_mixed
FROM model;
