-- One row per sampled call, in their order: the words of the agent, and the time that it took to speak them.
--   agent_words       of the transcripts of turns of which both are known
--   played_s          audio of the agent in these turns
-- Reads: sample_calls, turn_words.
SELECT
    coalesce(agent_words, 0) AS agent_words,
    coalesce(played_s, 0) AS played_s
FROM sample_calls LEFT JOIN (
    SELECT call_id, CAST(sum(words) AS BIGINT) AS agent_words, CAST(sum(played_ms) AS DOUBLE) / 1000 AS played_s
    FROM turn_words
    GROUP BY call_id
) USING (call_id)
ORDER BY number;
