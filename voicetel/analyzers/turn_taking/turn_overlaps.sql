-- One row per group of turns of some of the selected calls.
--   agent_over_caller, timed_agent_turns   as in call_turn_taking.sql
-- Reads: timed_turns.
SELECT
    group_id,
    count(*) FILTER (spans IS NOT NULL) AS timed_agent_turns,
    count(*) FILTER (len(list_filter(spans, lambda span:
        (span[1] > user_us AND span[1] < user_end_us) OR (span[1] > next_user_us AND span[1] < next_user_end_us))) > 0
    ) AS agent_over_caller
FROM timed_turns
GROUP BY group_id
