-- prompt_growth: one row per group, stage, provider, model and call of whose prompts in turns the length is known.
--   first_tokens, last_tokens   input tokens of the longest prompt of the first and of the last turn
--   turns                       turns from the first to the last
-- The longest prompt of the first turn is the least of turn × 10^19 less millionths of tokens, of which there are fewer than 10^15;
-- that of the last turn the largest of turn × 10^19 and millionths.
-- Reads: selected_operations.
CREATE OR REPLACE TEMP VIEW prompt_growth AS
WITH prompt AS (
    SELECT
        group_id, stage, provider, model, call_id,
        CAST(min(turn) AS HUGEINT) * 10000000000000000000 AS first_turn,
        CAST(max(turn) AS HUGEINT) * 10000000000000000000 AS last_turn,
        min(CAST(turn AS HUGEINT) * 10000000000000000000 - CAST(input_tokens * 1000000 AS BIGINT)) AS first_prompt,
        max(CAST(turn AS HUGEINT) * 10000000000000000000 + CAST(input_tokens * 1000000 AS BIGINT)) AS last_prompt,
        max(turn) - min(turn) AS turns
    FROM selected_operations
    WHERE stage IN ('llm', 'realtime') AND turn IS NOT NULL AND input_tokens IS NOT NULL AND status IS DISTINCT FROM 'error'
    GROUP BY ALL
)
SELECT
    group_id, stage, provider, model, call_id,
    CAST(CAST(first_turn - first_prompt AS DECIMAL(15, 0)) * 0.000001 AS DECIMAL(15, 6)) AS first_tokens,
    CAST(CAST(last_prompt - last_turn AS DECIMAL(15, 0)) * 0.000001 AS DECIMAL(15, 6)) AS last_tokens,
    turns
FROM prompt;
