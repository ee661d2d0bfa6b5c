-- One row per group, and one over all groups (group_id NULL): the sums of logged_usage, with the columns of its rows. NULL: never logged.
-- Reads: logged_usage.
SELECT
    group_id,
    sum(stt_s) AS stt_s,
    sum(llm_input_tokens) AS llm_input_tokens,
    sum(llm_output_tokens) AS llm_output_tokens,
    sum(tts_characters) AS tts_characters,
    sum(transport_s) AS transport_s
FROM logged_usage
GROUP BY GROUPING SETS ((group_id), ());
