-- The columns of request_sums.sql, one row per request.
-- Reads: request_costs.
SELECT
    group_id, stage, provider, model, status, 1 AS made, ninths,
    CASE WHEN cached_input_tokens IS NOT NULL THEN input_tokens END AS cacheable_tokens,
    CASE WHEN input_tokens IS NOT NULL THEN cached_input_tokens END AS cached_tokens
FROM request_costs
