-- call_prompts: one row per group, stage, provider, model and call that gave input tokens.
--   input_tokens                of requests that say how many of them were cached; NULL: none says so
--   cached_input_tokens         those that were
--   first_tokens, last_tokens   input tokens of the longest prompt of the first and of the last turn; NULL: no prompt in a turn
--   turn_distance               how many turns the last is after the first; NULL: no prompt in a turn
-- The longest prompt of the first turn is the least of turn × 10^19 less millionths of tokens, of which there are fewer than 10^15;
-- that of the last turn the largest of turn × 10^19 and millionths.
-- A turn goes by its position in the call. Numbers that follow each other tell as much, so that of most calls no request need be looked up among
-- turns; the others are read apart from them.
-- Reads: selected_operations, calls_with_number_gaps, turns.
CREATE OR REPLACE TEMP TABLE call_prompts AS
WITH
positioned AS (
    SELECT
        stream_id, line_key,
        row_number() OVER (PARTITION BY call_id ORDER BY turn_order(numbered, turn, ts), turn, line_key) AS position
    FROM turns JOIN calls_with_number_gaps USING (call_id)
),
operation AS (
    SELECT group_id, stage, provider, model, call_id, turn, status, input_tokens, cached_input_tokens
    FROM selected_operations ANTI JOIN calls_with_number_gaps USING (call_id)
    UNION ALL
    SELECT group_id, stage, provider, model, call_id, position AS turn, status, input_tokens, cached_input_tokens
    FROM (FROM selected_operations SEMI JOIN calls_with_number_gaps USING (call_id)) LEFT JOIN positioned USING (stream_id, line_key)
),
request AS (
    SELECT *, stage IN ('llm', 'realtime') AND turn IS NOT NULL AND status IS DISTINCT FROM 'error' AS is_prompt
    FROM operation
    WHERE input_tokens IS NOT NULL
),
prompt AS (
    SELECT
        group_id, stage, provider, model, call_id,
        sum(input_tokens) FILTER (cached_input_tokens IS NOT NULL) AS input_tokens,
        sum(cached_input_tokens) AS cached_input_tokens,
        CAST(min(turn) FILTER (is_prompt) AS HUGEINT) * 10000000000000000000 AS first_turn,
        CAST(max(turn) FILTER (is_prompt) AS HUGEINT) * 10000000000000000000 AS last_turn,
        min(CAST(turn AS HUGEINT) * 10000000000000000000 - CAST(CAST(input_tokens AS DECIMAL(25, 6)) * 1000000 AS BIGINT)) FILTER (is_prompt) AS first_prompt,
        max(CAST(turn AS HUGEINT) * 10000000000000000000 + CAST(CAST(input_tokens AS DECIMAL(25, 6)) * 1000000 AS BIGINT)) FILTER (is_prompt) AS last_prompt,
        max(turn) FILTER (is_prompt) - min(turn) FILTER (is_prompt) AS turn_distance
    FROM request
    GROUP BY group_id, stage, provider, model, call_id
)
SELECT
    group_id, stage, provider, model, call_id, input_tokens, cached_input_tokens,
    CAST(CAST(first_turn - first_prompt AS DECIMAL(15, 0)) * 0.000001 AS DECIMAL(15, 6)) AS first_tokens,
    CAST(CAST(last_prompt - last_turn AS DECIMAL(15, 0)) * 0.000001 AS DECIMAL(15, 6)) AS last_tokens,
    turn_distance
FROM prompt;
