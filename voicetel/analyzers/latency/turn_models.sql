-- One row per selected turn: its latencies that are of a stage, and the models that they are of.
--   call_id, line_key, group_id, impossible       as of turns
--   stt_ttfb_ms … endpointing_ms
--   stt_model, llm_model, any_llm_model, tts_model, realtime_model, eot_model
--                                                 number of the model of the turn's first operation of this kind, of any_llm_model that of the
--                                                 first that was not cancelled; of no meaning where the turn has no such latency
-- Reads: selected_turns, call_models, first_models.
SELECT
    call_id, line_key, group_id, impossible,
    stt_ttfb_ms, llm_ttft_ms, llm_latency_ms, tts_ttfb_ms, realtime_ttfb_ms, endpointing_ms,
    CASE WHEN is_mixed THEN CAST(first_models.first_stt % 4294967296 AS INTEGER) ELSE call_models.stt_model END AS stt_model,
    CASE WHEN is_mixed THEN CAST(first_models.first_llm % 4294967296 AS INTEGER) ELSE call_models.llm_model END AS llm_model,
    CASE WHEN is_mixed THEN CAST(first_models.first_any_llm % 4294967296 AS INTEGER) ELSE call_models.llm_model END AS any_llm_model,
    CASE WHEN is_mixed THEN CAST(first_models.first_tts % 4294967296 AS INTEGER) ELSE call_models.tts_model END AS tts_model,
    CASE WHEN is_mixed THEN CAST(first_models.first_realtime % 4294967296 AS INTEGER) ELSE call_models.realtime_model END AS realtime_model,
    CASE WHEN is_mixed THEN CAST(first_models.first_eot % 4294967296 AS INTEGER) ELSE call_models.eot_model END AS eot_model
FROM selected_turns LEFT JOIN call_models USING (call_id) LEFT JOIN first_models USING (stream_id, line_key)
