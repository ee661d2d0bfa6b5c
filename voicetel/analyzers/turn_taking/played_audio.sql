-- One row per group, and one over all groups (group_id NULL): how much of the speech of interrupted turns was played.
--   played_turns                 turns whose played and synthesized audio are known, with the sums of both
-- Reads: interrupted_turns.
SELECT
    group_id,
    count(played_us) AS played_turns,
    sum(played_us) AS played_us,
    sum(synthesized_us) AS synthesized_us
FROM interrupted_turns
GROUP BY GROUPING SETS ((group_id), ());
