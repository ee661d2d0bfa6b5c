-- call_usage: one row per selected call that used something: what it used, as logged. NULL: not logged.
--   stt_s               audio sent to STT, s; connected time where a provider logged no audio
--   llm_input_tokens, llm_output_tokens
--   tts_characters
--   transport_s         connected time of transports, s
-- Reads: selected_usage.
CREATE OR REPLACE TEMP VIEW call_usage AS
SELECT
    call_id,
    sum(coalesce(audio_s, session_s)) FILTER (stage = 'stt') AS stt_s,
    sum(input_tokens) FILTER (stage = 'llm') AS llm_input_tokens,
    sum(output_tokens) FILTER (stage = 'llm') AS llm_output_tokens,
    sum(characters) FILTER (stage = 'tts') AS tts_characters,
    sum(session_s) FILTER (stage = 'transport') AS transport_s
FROM selected_usage
GROUP BY call_id;
