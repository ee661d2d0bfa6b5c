-- rated_usage: the rows of usage_to_price, each with the columns of the rate that prices it; NULL where there is none.
-- Reads: usage_to_price; rates, one row per (stage, provider, model, used, span of days), made from the card by rates.py.
CREATE OR REPLACE TEMP VIEW rated_usage AS
SELECT usage.*, rates.* EXCLUDE (stage, provider, model, used)
FROM usage_to_price AS usage
LEFT JOIN rates ON
    rates.stage = usage.stage
    AND rates.provider IS NOT DISTINCT FROM usage.provider
    AND rates.model IS NOT DISTINCT FROM usage.model
    AND rates.used = usage.used
    AND usage.currency IS NULL
    AND usage.day >= rates.valid_from AND usage.day < rates.valid_to;
