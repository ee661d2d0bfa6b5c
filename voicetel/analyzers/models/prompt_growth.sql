-- prompt_growth: one row per group, stage, provider, model and call of whose prompts in turns the length is known.
--   first_tokens, last_tokens   input tokens of the longest prompt of the first and of the last turn
--   turns                       turns from the first to the last
-- Reads: selected_operations.
CREATE OR REPLACE TEMP VIEW prompt_growth AS
WITH turn AS (
    SELECT group_id, stage, provider, model, call_id, turn, max(input_tokens) AS tokens
    FROM selected_operations
    WHERE stage IN ('llm', 'realtime') AND turn IS NOT NULL AND input_tokens IS NOT NULL AND status IS DISTINCT FROM 'error'
    GROUP BY ALL
)
SELECT
    group_id, stage, provider, model, call_id,
    arg_min(tokens, turn) AS first_tokens,
    arg_max(tokens, turn) AS last_tokens,
    max(turn) - min(turn) AS turns
FROM turn
GROUP BY ALL;
