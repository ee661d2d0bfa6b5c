-- One row per call of ids_at_once, in its order: what it used, as call_usage has it.
-- Reads: ids_at_once, call_usage.
SELECT stt_s, llm_input_tokens, llm_output_tokens, tts_characters, transport_s
FROM ids_at_once LEFT JOIN call_usage USING (call_id)
ORDER BY position;
