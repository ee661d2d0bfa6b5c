-- One row per group, stage, provider and model, and one per stage, provider and model over all groups (group_id NULL).
--   requests                          calls to the provider
--   errors, cancelled                 of them, those that failed, and those that were cancelled
--   ninths, error_ninths, cancelled_ninths
--                                     what all of them, those and those cost, exact, in ninths of the card's currency; NULL: no price
--   input_tokens                      of requests that say how many of them were cached
--   cached_input_tokens               those that were
-- Reads: request_costs.
SELECT
    group_id, stage, provider, model,
    count(*) AS requests,
    count(*) FILTER (status = 'error') AS errors,
    count(*) FILTER (status = 'cancelled') AS cancelled,
    sum(ninths) AS ninths,
    sum(ninths) FILTER (status = 'error') AS error_ninths,
    sum(ninths) FILTER (status = 'cancelled') AS cancelled_ninths,
    sum(input_tokens) FILTER (cached_input_tokens IS NOT NULL) AS input_tokens,
    sum(cached_input_tokens) FILTER (input_tokens IS NOT NULL) AS cached_input_tokens
FROM request_costs
GROUP BY GROUPING SETS ((group_id, stage, provider, model), (stage, provider, model));
