-- One row per call of call_batch, in its order: what it used, as call_usage has it.
-- Reads: call_batch, call_usage.
SELECT stt_s, llm_input_tokens, llm_output_tokens, tts_characters, transport_s
FROM call_batch LEFT JOIN call_usage USING (call_id)
ORDER BY position;
