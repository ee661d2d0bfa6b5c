-- rated(relation): the rows of a relation of what was used, each with the columns of the rate that prices it; NULL where there is none,
-- and where `currency` says that the provider itself said what it charged.
--   relation   its name, a VARCHAR: usage_to_price, operations_to_price, … It has stage, provider, model, used, day and currency
-- Reads: rates, one row per (stage, provider, model, used, span of days), made from the card by rates.py.
CREATE OR REPLACE TEMP MACRO rated(relation) AS TABLE
SELECT used.*, rates.* EXCLUDE (stage, provider, model, used)
FROM query_table(relation) AS used
LEFT JOIN rates ON
    rates.stage = used.stage
    AND rates.provider IS NOT DISTINCT FROM used.provider
    AND rates.model IS NOT DISTINCT FROM used.model
    AND rates.used = used.used
    AND used.currency IS NULL
    AND used.day >= rates.valid_from AND used.day < rates.valid_to;
