-- call_usage: one row per selected call that used something: the sums of its rows of logged_usage, with the columns of these.
-- Reads: logged_usage.
CREATE OR REPLACE TEMP VIEW call_usage AS
SELECT
    call_id,
    sum(stt_s) AS stt_s,
    sum(llm_input_tokens) AS llm_input_tokens,
    sum(llm_output_tokens) AS llm_output_tokens,
    sum(tts_characters) AS tts_characters,
    sum(transport_s) AS transport_s
FROM logged_usage
GROUP BY call_id;
