-- expensive_calls: one row per call that can be among the $limit dearest.
--   call_id
-- Costs are added up as DOUBLEs here, which is fast and good to some 12 digits: every call that comes as near to the last of
-- the dearest as that is kept, and the exact amounts decide. Reads: rates. Bound: $currency, that of the card.
-- What stands in braces: usage; amount, the products of quantities and rates.
CREATE OR REPLACE TEMP TABLE expensive_calls AS
WITH
cost AS (
    SELECT
        call_id,
        sum(CASE WHEN usage.currency = $currency THEN CAST(billed AS DOUBLE) WHEN usage.currency IS NULL THEN {amount} END) AS amount
    FROM {usage} AS usage
    LEFT JOIN rates ON
        rates.stage = usage.stage
        AND rates.provider IS NOT DISTINCT FROM usage.provider
        AND rates.model IS NOT DISTINCT FROM usage.model
        AND rates.used = usage.used
        AND usage.day >= rates.valid_from AND usage.day < rates.valid_to
    GROUP BY call_id
)
SELECT call_id
FROM cost
WHERE amount > 0 AND amount >= (SELECT min(amount) FROM (SELECT amount FROM cost ORDER BY amount DESC NULLS LAST LIMIT $limit)) * (1 - 1e-9);
