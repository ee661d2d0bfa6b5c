-- operation_usage: the columns of usage, one row per operation of the kinds whose rate rounds each one's time up.
-- Reads: rates. What stands in braces: selected_calls, with the part of each; billed_columns and used, from the table of units.
CREATE OR REPLACE TEMP TABLE operation_usage AS
WITH operation AS (
    SELECT operations.*, part, CAST(ts AS DATE) AS day, {billed_columns}
    FROM operations
    JOIN {selected_calls} AS selected_calls USING (call_id)
    SEMI JOIN (FROM rates WHERE round_up_to_s IS NOT NULL) AS rounding ON
        rounding.stage = operations.stage
        AND rounding.provider IS NOT DISTINCT FROM operations.provider
        AND rounding.model IS NOT DISTINCT FROM operations.model
)
SELECT * REPLACE (CASE WHEN charged IS NOT NULL THEN upper(currency) END AS currency), charged AS billed, 1 AS operations, {used} AS used
FROM (
    SELECT *, CASE WHEN regexp_full_match(currency, '[A-Za-z]{3}') AND TRY_CAST(cost AS DECIMAL(38, 18)) >= 0
        THEN TRY_CAST(cost AS DECIMAL(38, 18)) END AS charged
    FROM operation);
