-- rated(relation): the rows of a relation of what was used, each with the columns of the rate that prices it; NULL where there is none,
-- and where `currency` says that the provider itself said what it charged.
--   relation   its name, a VARCHAR: usage_to_price, operations_to_price, … It has stage, provider, model, quantity_bits, day and currency
-- Reads: rates, one row per (stage, provider, model, quantity_bits, span of days), made from the card by rates.py.
CREATE OR REPLACE TEMP MACRO rated(relation) AS TABLE
SELECT usage_row.*, rates.* EXCLUDE (stage, provider, model, quantity_bits)
FROM query_table(relation) AS usage_row
LEFT JOIN rates ON
    rates.stage = usage_row.stage
    AND rates.provider IS NOT DISTINCT FROM usage_row.provider
    AND rates.model IS NOT DISTINCT FROM usage_row.model
    AND rates.quantity_bits = usage_row.quantity_bits
    AND usage_row.currency IS NULL
    AND usage_row.day >= rates.valid_from AND usage_row.day < rates.valid_to;
