-- One row per group, stage, provider and model, and one per stage, provider and model over all groups (group_id NULL).
--   requests                          calls to the provider
--   errors, cancelled                 of them, those that failed, and those that were cancelled
--   ninths, error_ninths, cancelled_ninths
--                                     what all of them, those and those cost, exact, in ninths of the card's currency; NULL: no price
--   input_tokens                      of requests that say how many of them were cached
--   cached_input_tokens               those that were
-- Reads: request_sums.
SELECT
    group_id, stage, provider, model,
    CAST(sum(made) AS BIGINT) AS requests,
    CAST(coalesce(sum(made) FILTER (status = 'error'), 0) AS BIGINT) AS errors,
    CAST(coalesce(sum(made) FILTER (status = 'cancelled'), 0) AS BIGINT) AS cancelled,
    sum(ninths) AS ninths,
    sum(ninths) FILTER (status = 'error') AS error_ninths,
    sum(ninths) FILTER (status = 'cancelled') AS cancelled_ninths,
    sum(cacheable_tokens) AS input_tokens,
    sum(cached_tokens) AS cached_input_tokens
FROM request_sums
GROUP BY GROUPING SETS ((group_id, stage, provider, model), (stage, provider, model));
