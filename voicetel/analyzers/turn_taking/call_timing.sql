-- call_timing: one row per call of timed_turns.
--   call_number
--   is_timed                                the time of all its speech is known
--   timed_agent_turns, agent_over_caller    as call_turn_taking has them
-- Reads: timed_turns.
CREATE OR REPLACE TEMP TABLE call_timing AS
SELECT
    call_number,
    bool_and(user_us IS NOT NULL OR NOT user_spoke) AND bool_and(agent_us IS NOT NULL OR NOT agent_spoke) AS is_timed,
    count(agent_us) AS timed_agent_turns,
    count(*) FILTER (begins_over_caller) AS agent_over_caller
FROM timed_turns
GROUP BY call_number;
