-- One row per group, stage, provider and model, and one per stage, provider and model over all groups (group_id NULL).
--   requests                          calls to the provider
--   errors, cancelled                 of them, those that failed, and those that were cancelled
--   ninths, error_ninths, cancelled_ninths
--                                     what all of them, those and those cost, exact, in ninths of the card's currency; NULL: no price
--   input_tokens                      of requests that say how many of them were cached
--   cached_input_tokens               those that were
-- Reads: request_sums, call_prompts.
WITH
cached AS (
    SELECT
        group_id, stage, provider, model, 'cached' AS subset,
        sum(input_tokens) AS input_tokens, sum(cached_input_tokens) AS cached_input_tokens
    FROM call_prompts
    WHERE cached_input_tokens IS NOT NULL
    GROUP BY group_id, stage, provider, model
)
SELECT
    group_id, stage, provider, model,
    CAST(sum(operations) FILTER (subset = 'all') AS BIGINT) AS requests,
    CAST(coalesce(sum(operations) FILTER (subset = 'error'), 0) AS BIGINT) AS errors,
    CAST(coalesce(sum(operations) FILTER (subset = 'cancelled'), 0) AS BIGINT) AS cancelled,
    sum(ninths) FILTER (subset = 'all') AS ninths,
    sum(ninths) FILTER (subset = 'error') AS error_ninths,
    sum(ninths) FILTER (subset = 'cancelled') AS cancelled_ninths,
    sum(input_tokens) AS input_tokens,
    sum(cached_input_tokens) AS cached_input_tokens
FROM (FROM request_sums UNION ALL BY NAME FROM cached)
GROUP BY GROUPING SETS ((group_id, stage, provider, model), (stage, provider, model));
