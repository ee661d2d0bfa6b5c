-- call_timing: one row per call of turn_times.
--   call_number
--   is_fully_timed                          the time of all its speech is known
--   timed_agent_turns, agent_over_caller    as call_turn_taking has them
-- Reads: turn_times.
CREATE OR REPLACE TEMP TABLE call_timing AS
SELECT
    call_number,
    bool_and(user_start_us IS NOT NULL OR NOT user_spoke) AND bool_and(agent_start_us IS NOT NULL OR NOT agent_spoke) AS is_fully_timed,
    count(agent_start_us) AS timed_agent_turns,
    count(*) FILTER (begins_over_caller) AS agent_over_caller
FROM turn_times
GROUP BY call_number;
