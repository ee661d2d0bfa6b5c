-- rated_operations: one row per call to a provider of the selected calls, with the columns of the rate that prices it; NULL where there is none.
-- Reads: selected_operations, rates.
CREATE OR REPLACE TEMP VIEW rated_operations AS
SELECT o.*, rates.* EXCLUDE (stage, provider, model, used)
FROM selected_operations AS o
LEFT JOIN rates ON
    rates.stage = o.stage
    AND rates.provider IS NOT DISTINCT FROM o.provider
    AND rates.model IS NOT DISTINCT FROM o.model
    AND rates.used = o.used
    AND o.charged IS NULL
    AND o.day >= rates.valid_from AND o.day < rates.valid_to;
