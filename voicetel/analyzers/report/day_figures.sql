-- One row per day on which calls started, in the zone of the variable `timezone`.
--   day                                2026-11-02
--   calls, answered, success           calls, those that somebody answered, those that succeeded
--   agent_turns, interruptions         turns in which the agent spoke, times the caller stopped it
-- Reads: selected_calls, call_interruptions.
SELECT
    strftime(started_local, '%Y-%m-%d') AS day,
    count(*) AS calls,
    count(*) FILTER (answered) AS answered,
    count(*) FILTER (outcome = 'success') AS success,
    coalesce(sum(call_interruptions.agent_turns), 0) AS agent_turns,
    coalesce(sum(call_interruptions.interruption_count), 0) AS interruptions
FROM selected_calls JOIN call_interruptions USING (call_id)
GROUP BY day
ORDER BY day;
