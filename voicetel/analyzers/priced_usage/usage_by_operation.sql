-- The columns of usage_to_price, one row per operation of the models whose rate rounds each operation's time up or has a fee per
-- call, and those rows of selected_usage that are of other models.
--   ts, line_key, operation   where the operation stands in its call; NULL in rows of other models
-- Reads: operations_to_price, selected_usage, rates.
WITH by_operation AS (FROM rates WHERE round_up_to_s IS NOT NULL OR per_call IS NOT NULL)
SELECT *
FROM selected_usage AS usage
ANTI JOIN by_operation ON
    by_operation.stage = usage.stage
    AND by_operation.provider IS NOT DISTINCT FROM usage.provider
    AND by_operation.model IS NOT DISTINCT FROM usage.model
UNION ALL BY NAME
SELECT
    * EXCLUDE (
        stream_id, event, turn, name, start_ms, ttfb_ms, duration_ms, setting_ms, status, cost, unreadable),
    1 AS operations
FROM operations_to_price AS o
SEMI JOIN by_operation ON
    by_operation.stage = o.stage
    AND by_operation.provider IS NOT DISTINCT FROM o.provider
    AND by_operation.model IS NOT DISTINCT FROM o.model;
