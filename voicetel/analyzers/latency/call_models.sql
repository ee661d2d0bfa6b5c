-- call_models: one row per call that has operations.
--   stt_model, llm_model, tts_model, realtime_model, eot_model
--                                   number of the only model of that stage; where there are several, that of one of them
--   is_mixed                        one of these stages has several: only its operations say which model a turn had
-- Reads: usage, model_numbers.
CREATE OR REPLACE TEMP TABLE call_models AS
WITH model AS (
    SELECT
        call_id,
        min(model_number) FILTER (stage = 'stt') AS stt_model, max(model_number) FILTER (stage = 'stt') AS last_stt_model,
        min(model_number) FILTER (stage = 'llm') AS llm_model, max(model_number) FILTER (stage = 'llm') AS last_llm_model,
        min(model_number) FILTER (stage = 'tts') AS tts_model, max(model_number) FILTER (stage = 'tts') AS last_tts_model,
        min(model_number) FILTER (stage = 'realtime') AS realtime_model, max(model_number) FILTER (stage = 'realtime') AS last_realtime_model,
        min(model_number) FILTER (stage = 'eot') AS eot_model, max(model_number) FILTER (stage = 'eot') AS last_eot_model
    FROM usage
    JOIN model_numbers ON
        model_numbers.provider IS NOT DISTINCT FROM usage.provider AND model_numbers.model IS NOT DISTINCT FROM usage.model
    GROUP BY call_id
)
SELECT
    call_id, stt_model, llm_model, tts_model, realtime_model, eot_model,
    coalesce(stt_model < last_stt_model, false) OR coalesce(llm_model < last_llm_model, false) OR coalesce(tts_model < last_tts_model, false)
        OR coalesce(realtime_model < last_realtime_model, false) OR coalesce(eot_model < last_eot_model, false) AS is_mixed
FROM model;
