-- One row per group and model of which something has no price, and one per model over all groups (group_id NULL).
--   stage, provider, model
--   operations            how many could be priced
--   quantity_bits         which quantities are billed, as in usage
--   unpriced              the lists of quantities that a rate does not cover; NULL among them: no rate at all
--   input_tokens … requests   as logged
--   unreadable_operations how many of them say an amount that cannot be read
--                         (4096, the bit of `quantity_bits` behind those of the quantities: column_types.UNREADABLE_AMOUNT_BIT)
-- Reads: priced_usage.
SELECT
    group_id, stage, provider, model,
    sum(billable) AS operations, coalesce(sum(billable) FILTER (quantity_bits >= 4096), 0) AS unreadable_operations,
    bit_or(quantity_bits) AS quantity_bits, list(DISTINCT unpriced) AS unpriced,
    sum(COLUMNS(* EXCLUDE (
        call_id, group_id, day, stage, provider, model, operations, quantity_bits, unpriced, component, billable, covered,
        ninths, other_currency, other_amount))) AS '\0'
FROM priced_usage
WHERE billable > covered
GROUP BY GROUPING SETS ((group_id, stage, provider, model), (stage, provider, model))
ORDER BY group_id, stage, provider, model;
