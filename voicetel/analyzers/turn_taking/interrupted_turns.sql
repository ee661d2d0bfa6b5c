-- One row per turn of the agent that its caller stopped (by the rule of interruptions.sql).
--   overrun_us            from the caller's first sound to the agent's last; NULL: not known
--   played_us, synthesized_us    audio that was played, and that its TTS operations synthesized; NULL unless both are known
-- Reads: timed_turns, call_timing, numbered_calls, operations.
WITH
stopped AS MATERIALIZED (
    SELECT *
    FROM timed_turns JOIN call_timing USING (call_number)
    WHERE agent_spoke AND CASE
        WHEN has_flag THEN stopped_by_caller(interrupted, interrupted_by)
        WHEN spans IS NOT NULL THEN len(list_filter(spans, lambda span: next_user_us > span[1] AND next_user_us < span[2])) > 0
        ELSE next_user_us > agent_us AND next_user_us < agent_end_us
    END
),
synthesized AS (
    SELECT source, line_key, sum(audio_s) AS synthesized_s
    FROM operations SEMI JOIN stopped USING (source, line_key)
    WHERE stage = 'tts' AND event = 'turn'
    GROUP BY source, line_key
)
SELECT
    call_id, group_id,
    CASE WHEN next_user_us BETWEEN agent_us AND agent_end_us THEN agent_end_us - next_user_us END AS overrun_us,
    CASE
        WHEN synthesized_s > 0 AND spans IS NOT NULL THEN CAST(list_sum(list_transform(spans, lambda span: span[2] - span[1])) AS BIGINT)
        WHEN synthesized_s > 0 THEN agent_end_us - agent_us
    END AS played_us,
    CASE WHEN synthesized_s > 0 AND agent_us IS NOT NULL THEN CAST(synthesized_s * 1000000 AS BIGINT) END AS synthesized_us
FROM stopped
JOIN numbered_calls USING (call_number)
LEFT JOIN synthesized USING (source, line_key)
