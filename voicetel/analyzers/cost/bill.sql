-- One row per key, the most expensive first: a bill.
--   key                         what it is grouped by
--   ninths                      what it cost, exact, in ninths of the currency; NULL: nothing of it has a price
--   operations, unpriced_operations
--   input_tokens … requests     as logged
-- Reads: billed_usage, the rows of priced_usage with the key of each.
SELECT
    key, sum(ninths) AS ninths, sum(operations) AS operations, sum(billable - covered) AS unpriced_operations,
    sum(COLUMNS(* EXCLUDE (
        key, call_id, group_id, day, stage, provider, model, operations, quantity_bits, unpriced, component, billable, covered,
        ninths, other_currency, other_amount))) AS '\0'
FROM billed_usage
GROUP BY key
ORDER BY ninths DESC NULLS LAST, key;
