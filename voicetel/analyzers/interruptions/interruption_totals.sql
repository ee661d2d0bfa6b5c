-- One row per group, and one over all groups (group_id NULL): the columns of call_interruptions added up.
-- Reads: call_interruptions.
SELECT group_id, sum(interruption_count) AS interruption_count, sum(agent_turns) AS agent_turns,
    sum(observed_turns) AS observed_turns
FROM call_interruptions
GROUP BY GROUPING SETS ((group_id), ());
