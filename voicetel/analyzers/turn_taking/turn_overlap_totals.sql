-- One row per group: the columns of turn_overlaps added up.
-- Reads: turn_overlaps.
SELECT group_id, sum(timed_agent_turns) AS timed_agent_turns, sum(agent_over_caller) AS agent_over_caller
FROM turn_overlaps
GROUP BY group_id;
