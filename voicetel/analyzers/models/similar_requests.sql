-- One row per group, stage, provider, model, status, UTC day, currency and kinds of quantities used: requests that a card prices
-- alike, added up.
--   currency, billed      not NULL: what the providers charged for these requests, in this currency
--   used                  which quantities are billed, as in usage
--   made                  how many requests they are
--   cacheable_tokens      input tokens of those that say how many of them were cached
--   cached_tokens         those that were
--   billed_…              what of each quantity is billed
-- Reads: selected_operations.
SELECT
    group_id, stage, provider, model, status, day, charged_currency AS currency, used,
    count(*) AS made,
    sum(charged) AS billed,
    sum(input_tokens) FILTER (cached_input_tokens IS NOT NULL) AS cacheable_tokens,
    sum(cached_input_tokens) FILTER (input_tokens IS NOT NULL) AS cached_tokens,
    sum(COLUMNS('^billed_.+')) AS '\0'
FROM selected_operations
GROUP BY group_id, stage, provider, model, status, day, charged_currency, used
