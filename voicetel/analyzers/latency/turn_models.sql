-- One row per selected turn: its latencies that are of a stage, and the models that they are of.
--   call_id, line_key, group_id, impossible       as of turns
--   stt_ttfb_ms … endpointing_ms
--   stt, llm, any_llm, tts, realtime, eot         number of the model of the turn's first operation of this kind, of any_llm that of the
--                                                 first that was not cancelled; of no meaning where the turn has no such latency
-- Reads: selected_turns, call_models, first_models.
SELECT
    call_id, line_key, group_id, impossible,
    stt_ttfb_ms, llm_ttft_ms, llm_latency_ms, tts_ttfb_ms, realtime_ttfb_ms, endpointing_ms,
    CASE WHEN is_mixed THEN CAST(first_models.stt % 4294967296 AS INTEGER) ELSE call_models.stt END AS stt,
    CASE WHEN is_mixed THEN CAST(first_models.llm % 4294967296 AS INTEGER) ELSE call_models.llm END AS llm,
    CASE WHEN is_mixed THEN CAST(first_models.any_llm % 4294967296 AS INTEGER) ELSE call_models.llm END AS any_llm,
    CASE WHEN is_mixed THEN CAST(first_models.tts % 4294967296 AS INTEGER) ELSE call_models.tts END AS tts,
    CASE WHEN is_mixed THEN CAST(first_models.realtime % 4294967296 AS INTEGER) ELSE call_models.realtime END AS realtime,
    CASE WHEN is_mixed THEN CAST(first_models.eot % 4294967296 AS INTEGER) ELSE call_models.eot END AS eot
FROM selected_turns LEFT JOIN call_models USING (call_id) LEFT JOIN first_models USING (source, line_key)
