-- One row per group, stage, provider and model that was given prompts in turns, and one over all groups (group_id NULL).
--   calls              calls in which it was
--   first_tokens       input tokens of the first turn's longest prompt, added up over them
--   grown_tokens       by how much the last turn's longest prompt is longer than the first's, added up over those with more than one turn
--   grown_turns        turns from the first to the last, added up over these
-- Reads: call_prompts.
SELECT
    group_id, stage, provider, model,
    count(*) AS calls,
    sum(first_tokens) AS first_tokens,
    sum(last_tokens - first_tokens) FILTER (turn_distance > 0) AS grown_tokens,
    sum(turn_distance) AS grown_turns
FROM call_prompts
WHERE turn_distance IS NOT NULL
GROUP BY GROUPING SETS ((group_id, stage, provider, model), (stage, provider, model));
