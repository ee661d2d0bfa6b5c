-- One row per day on which calls started, in the zone of the selection.
--   day                                2026-11-02
--   calls, answered, success           calls, those that somebody answered, those that succeeded; NULL: of none that was answered it is
--                                      known how it ended
--   agent_turns, interruptions         turns in which the agent spoke, times the caller stopped it; NULL: nothing says so
-- Reads: selected_calls, call_interruptions; the macro count_if_known.
SELECT
    strftime(started_local, '%Y-%m-%d') AS day,
    count(*) AS calls,
    count(*) FILTER (answered) AS answered,
    count_if_known(outcome = 'success', answered, outcome <> 'unknown') AS success,
    coalesce(sum(call_interruptions.agent_turns), 0) AS agent_turns,
    CASE
        WHEN coalesce(sum(call_interruptions.agent_turns), 0) = 0 OR sum(observed_turns) > 0
        THEN coalesce(sum(call_interruptions.interruption_count), 0)
    END AS interruptions
FROM selected_calls JOIN call_interruptions USING (call_id)
GROUP BY day
ORDER BY day;
