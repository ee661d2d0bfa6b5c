-- One row per group of turns: how often the caller stopped the agent, of the turns of the group.
--   group_id
--   interruption_count   turns in which the caller stopped the agent (was_interrupted). What is logged per call is of no turn that is
--                        known: it is in the group without values, and the agent's turns of that call with it
--   agent_turns          turns in which the agent spoke
--   observed_turns       of them, those of calls of which anything says whether it was stopped
-- Reads: selected_turns, selected_calls, group_keys; the macros of interruption_macros.sql.
WITH
turn AS (
    SELECT
        group_id, agent_spoke, has_interruption_flags, interrupted, interrupted_by,
        is_agent_timed(agent_spans, agent_start_ms, agent_end_ms) AS has_times,
        coalesce(bool_or(agent_spoke AND has_times) OVER (PARTITION BY call_id), false) AS has_timed_agent,
        CASE WHEN agent_spoke AND has_times
            THEN next_caller_begins_us(call_id, numbered, turn, ts, line_key, user_spoke, user_start_ms) END AS next_user_start_us,
        epoch_us(ts) AS turn_us,
        played_spans(agent_spans, agent_start_ms, agent_end_ms) AS spans
    FROM selected_turns
    JOIN (SELECT call_id, has_interruption_flags, numbered FROM selected_calls WHERE has_interruption_flags OR interruption_count IS NULL) USING (call_id)
),
counted AS (
    SELECT
        group_id,
        count(*) FILTER (was_interrupted(
            agent_spoke, has_interruption_flags, NULL, interrupted, interrupted_by, has_times, begins_inside(next_user_start_us, turn_us, spans))) AS interruption_count,
        count(*) FILTER (agent_spoke) AS agent_turns,
        count(*) FILTER (agent_spoke AND (has_interruption_flags OR has_timed_agent)) AS observed_turns
    FROM turn
    GROUP BY group_id
    UNION ALL
    SELECT group_keys.group_id, sum(interruption_count), sum(agent_turns), sum(agent_turns)
    FROM selected_calls JOIN group_keys USING (group_values)
    WHERE NOT has_interruption_flags AND interruption_count IS NOT NULL
    GROUP BY group_keys.group_id
)
SELECT group_id, sum(interruption_count) AS interruption_count, sum(agent_turns) AS agent_turns, sum(observed_turns) AS observed_turns
FROM counted
GROUP BY group_id;
