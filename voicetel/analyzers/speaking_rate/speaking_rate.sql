-- One row per group, and one over all groups (group_id NULL).
--   agent_turns  turns in which the agent spoke
--   turns        of them, turns of which both the words and the time are known
--   words        of these turns
--   played_ms    audio of the agent in these turns
-- Reads: selected_turns, turn_words.
SELECT
    group_id,
    sum(agent_turns) AS agent_turns,
    sum(turns) AS turns,
    sum(words) AS words,
    sum(played_ms) AS played_ms
FROM (
    SELECT group_id, 1 AS agent_turns, 0 AS turns, 0 AS words, CAST(0 AS DECIMAL(18, 3)) AS played_ms FROM selected_turns WHERE agent_spoke
    UNION ALL
    SELECT group_id, 0, 1, words, played_ms FROM turn_words
)
GROUP BY GROUPING SETS ((group_id), ())
ORDER BY group_id NULLS FIRST;
