-- One row per group, and one over all groups (group_id NULL): the columns of call_turn_taking added up.
--   …_of_known_length   of the calls whose length is known, which duration_s adds up
--   fully_timed_calls   calls in which the time of all speech is known, and somebody speaks
-- Reads: call_turn_taking.
SELECT
    group_id,
    count(*) AS calls,
    count(first_to_last_sound_us) AS fully_timed_calls,
    sum(agent_turns) AS agent_turns,
    sum(observed_turns) AS observed_turns,
    sum(timed_agent_turns) AS timed_agent_turns,
    sum(duration_s) AS duration_s,
    sum(caller_over_agent) AS caller_over_agent,
    sum(caller_over_agent) FILTER (duration_s IS NOT NULL) AS caller_over_agent_of_known_length,
    sum(agent_over_caller) AS agent_over_caller,
    sum(agent_over_caller) FILTER (duration_s IS NOT NULL) AS agent_over_caller_of_known_length,
    sum(false_interruptions) AS false_interruptions,
    sum(false_interruptions) FILTER (duration_s IS NOT NULL) AS false_interruptions_of_known_length,
    sum(agent_talk_us) AS agent_talk_us,
    sum(caller_talk_us) AS caller_talk_us,
    sum(first_to_last_sound_us) AS first_to_last_sound_us,
    sum(dead_airs) AS dead_airs,
    sum(dead_air_us) AS dead_air_us,
    max(longest_dead_air_us) AS longest_dead_air_us,
    max(agent_monologue_us) AS agent_monologue_us,
    max(caller_monologue_us) AS caller_monologue_us
FROM call_turn_taking
GROUP BY GROUPING SETS ((group_id), ());
