-- expensive_calls: one row per call that can be among the $limit most expensive.
--   call_id
-- Costs are added up as DOUBLEs here, which is fast and good to some 12 digits: every call that comes as near to the last of
-- the most expensive as that is kept, and the exact amounts decide.
-- Reads: usage_amounts. Bound: $limit.
CREATE OR REPLACE TEMP TABLE expensive_calls AS
WITH
cost AS (
    SELECT call_id, sum(approximate_ninths) AS amount
    FROM usage_amounts
    GROUP BY call_id
)
SELECT call_id
FROM cost
WHERE amount > 0 AND amount >= (SELECT min(amount) FROM (SELECT amount FROM cost ORDER BY amount DESC NULLS LAST LIMIT $limit)) * (1 - 1e-9);
