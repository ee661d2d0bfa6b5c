-- One row per turn of the agent that its caller stopped (by the rule of interruptions.sql).
--   overrun_us            from the caller's first sound to the agent's last; NULL: not known
--   played_us, synthesized_us    audio that was played, and that was synthesized; NULL unless both are known
-- Reads: timed_turns.
WITH flagged AS (
    SELECT call_id, coalesce(bool_or(agent_spoke AND interrupted IS NOT NULL), false) AS has_flag FROM timed_turns GROUP BY call_id
)
SELECT
    call_id, group_id,
    CASE WHEN next_user_us BETWEEN spans[1][1] AND spans[-1][2] THEN spans[-1][2] - next_user_us END AS overrun_us,
    CASE WHEN synthesized_s > 0 THEN list_sum(list_transform(spans, lambda span: span[2] - span[1])) END AS played_us,
    CASE WHEN synthesized_s > 0 AND spans IS NOT NULL THEN CAST(synthesized_s * 1000000 AS BIGINT) END AS synthesized_us
FROM timed_turns JOIN flagged USING (call_id)
WHERE agent_spoke AND CASE
    WHEN has_flag THEN interrupted AND coalesce(interrupted_by, 'caller') = 'caller'
    ELSE len(list_filter(spans, lambda span: next_user_us > span[1] AND next_user_us < span[2])) > 0
END
