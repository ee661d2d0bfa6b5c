-- One row per group of turns of some of the selected calls.
--   agent_over_caller, timed_agent_turns   as in call_turn_taking.sql
-- Reads: turn_times.
SELECT
    group_id,
    count(*) FILTER (agent_start_us IS NOT NULL) AS timed_agent_turns,
    count(*) FILTER (begins_over_caller) AS agent_over_caller
FROM turn_times
GROUP BY group_id
