-- call_interruptions: one row per selected call.
--   call_id
--   group_id
--   interruption_count   times the caller stopped the agent: turns whose flag says so; where no turn of the call has the flag, the logged
--                        count; where none was logged, turns inside whose agent audio the next turn's caller begins. NULL: the agent
--                        spoke, and nothing of the call says whether it was stopped
--   agent_turns          turns in which the agent spoke
--   observed_turns       the same where anything of the call says whether it was stopped, else 0
-- Reads: selected_calls, turns; the macros of interruption_macros.sql.
CREATE OR REPLACE TEMP TABLE call_interruptions AS
WITH
without_flags AS (
    SELECT
        call_id, agent_spoke,
        is_agent_timed(agent_spans, agent_start_ms, agent_end_ms) AS has_times,
        CASE WHEN agent_spoke AND has_times
            THEN next_caller_begins_us(call_id, numbered, turn, ts, line_key, user_spoke, user_start_ms) END AS next_user_start_us,
        epoch_us(ts) AS turn_us,
        played_spans(agent_spans, agent_start_ms, agent_end_ms) AS spans
    FROM turns JOIN (
        SELECT call_id, numbered FROM selected_calls WHERE agent_turns > 0 AND NOT has_interruption_flags AND interruption_count IS NULL
    ) USING (call_id)
),
overlapped AS (
    SELECT
        call_id,
        coalesce(bool_or(agent_spoke AND has_times), false) AS has_timed_agent,
        count(*) FILTER (begins_inside(next_user_start_us, turn_us, spans)) AS inferred
    FROM without_flags
    GROUP BY call_id
)
SELECT
    call_id, group_id, agent_turns,
    CASE
        WHEN has_interruption_flags THEN flagged_interruptions
        WHEN interruption_count IS NOT NULL THEN interruption_count
        WHEN has_timed_agent THEN inferred
        WHEN agent_turns = 0 THEN 0
    END AS interruption_count,
    CASE WHEN has_interruption_flags OR selected_calls.interruption_count IS NOT NULL OR has_timed_agent THEN agent_turns ELSE 0 END AS observed_turns
FROM selected_calls LEFT JOIN overlapped USING (call_id);
