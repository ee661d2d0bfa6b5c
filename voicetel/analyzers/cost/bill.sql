-- One row per key, the most expensive first: a bill.
--   key                         what it is grouped by
--   amount                      exact; NULL: nothing of it has a price
--   operations, unpriced_operations
--   input_tokens … requests     as logged
-- Reads: keyed_usage, the rows of priced_usage with the key of each.
SELECT
    key, sum(amount) AS amount, sum(operations) AS operations, sum(billable - covered) AS unpriced_operations,
    sum(COLUMNS(* EXCLUDE (
        key, call_id, group_id, day, stage, provider, model, operations, used, unpriced, component, billable, covered,
        amount, other_currency, other_amount))) AS '\0'
FROM keyed_usage
GROUP BY key
ORDER BY amount DESC NULLS LAST, key;
