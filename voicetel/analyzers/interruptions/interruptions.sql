-- call_interruptions: one row per selected call.
--   call_id
--   group_id
--   interruption_count   times the caller stopped the agent: turns flagged so; where no turn of the call has the flag, the logged
--                        count; where none was logged, turns inside whose agent audio the next turn's caller begins. NULL: the agent
--                        spoke, and nothing of the call says whether it was stopped
--   agent_turns          turns in which the agent spoke
--   observed_turns       the same where anything of the call says whether it was stopped, else 0
-- Reads: selected_calls, turns.
CREATE OR REPLACE TEMP TABLE call_interruptions AS
WITH
unflagged AS (
    SELECT
        call_id, agent_spoke,
        agent_start_ms IS NOT NULL AND agent_end_ms IS NOT NULL AS has_span,
        CASE WHEN agent_spoke AND agent_end_ms IS NOT NULL THEN lead(
            CASE WHEN user_spoke THEN epoch_us(ts) + CAST(user_start_ms * 1000 AS BIGINT) END)
            OVER (PARTITION BY call_id ORDER BY turn, ts, line_key) END AS next_user_us,
        epoch_us(ts) AS turn_us,
        CASE WHEN len(agent_spans) > 0 THEN agent_spans ELSE [[agent_start_ms, agent_end_ms]] END AS spans
    FROM turns
    WHERE call_id IN (SELECT call_id FROM selected_calls WHERE agent_turns > 0 AND NOT flagged AND interruption_count IS NULL)
),
overlapped AS (
    SELECT
        call_id,
        coalesce(bool_or(agent_spoke AND has_span), false) AS has_spans,
        count(*) FILTER (len(list_filter(
            spans, lambda s: next_user_us > turn_us + s[1] * 1000 AND next_user_us < turn_us + s[2] * 1000)) > 0) AS inferred
    FROM unflagged
    GROUP BY call_id
)
SELECT
    call_id, group_id, agent_turns,
    CASE
        WHEN flagged THEN flagged_interruptions
        WHEN interruption_count IS NOT NULL THEN interruption_count
        WHEN has_spans THEN inferred
        WHEN agent_turns = 0 THEN 0
    END AS interruption_count,
    CASE WHEN flagged OR selected_calls.interruption_count IS NOT NULL OR has_spans THEN agent_turns ELSE 0 END AS observed_turns
FROM selected_calls LEFT JOIN overlapped USING (call_id);
