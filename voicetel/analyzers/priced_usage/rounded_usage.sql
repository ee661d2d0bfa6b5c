-- The columns of usage_to_price, one row per operation of the models whose rate rounds each operation's time up, and those rows of
-- selected_usage that are of other models.
-- Reads: selected_operations, selected_usage, rates.
WITH rounding AS (FROM rates WHERE round_up_to_s IS NOT NULL)
SELECT *
FROM selected_usage AS usage
ANTI JOIN rounding ON
    rounding.stage = usage.stage
    AND rounding.provider IS NOT DISTINCT FROM usage.provider
    AND rounding.model IS NOT DISTINCT FROM usage.model
UNION ALL BY NAME
SELECT
    * EXCLUDE (
        source, line_key, event, turn, ts, operation, name, start_ms, ttfb_ms, duration_ms, setting_ms, status,
        cost, currency, unreadable, charged, charged_currency),
    charged_currency AS currency, charged AS billed, 1 AS operations
FROM selected_operations AS o
SEMI JOIN rounding ON
    rounding.stage = o.stage
    AND rounding.provider IS NOT DISTINCT FROM o.provider
    AND rounding.model IS NOT DISTINCT FROM o.model;
