-- One row per turn of the agent that its caller stopped (was_interrupted). A count that is logged for a call does not say of which turns it
-- is: such a call has no row.
--   overrun_us            from the caller's first sound to the agent's last; NULL: not known
--   played_us, synthesized_us    audio that was played, and that its TTS operations synthesized; NULL unless both are known
-- Reads: turn_times, call_numbers, operations; the macros of interruption_macros.sql.
WITH
stopped AS MATERIALIZED (
    SELECT turn_times.*, call_id
    FROM turn_times JOIN call_numbers USING (call_number)
    WHERE was_interrupted(
        agent_spoke, has_interruption_flags, interruption_count, interrupted, interrupted_by, agent_start_us IS NOT NULL,
        is_inside(next_user_start_us, coalesce(spans, [[agent_start_us, agent_end_us]])))
),
synthesized AS (
    SELECT stream_id, line_key, sum(audio_s) AS synthesized_s
    FROM operations SEMI JOIN stopped USING (stream_id, line_key)
    WHERE stage = 'tts' AND event = 'turn'
    GROUP BY stream_id, line_key
)
SELECT
    call_id, group_id,
    CASE WHEN next_user_start_us BETWEEN agent_start_us AND agent_end_us THEN agent_end_us - next_user_start_us END AS overrun_us,
    CASE
        WHEN synthesized_s > 0 AND spans IS NOT NULL THEN CAST(list_sum(list_transform(spans, lambda span: span[2] - span[1])) AS BIGINT)
        WHEN synthesized_s > 0 THEN agent_end_us - agent_start_us
    END AS played_us,
    CASE WHEN synthesized_s > 0 AND agent_start_us IS NOT NULL THEN CAST(synthesized_s * 1000000 AS BIGINT) END AS synthesized_us
FROM stopped
LEFT JOIN synthesized USING (stream_id, line_key)
