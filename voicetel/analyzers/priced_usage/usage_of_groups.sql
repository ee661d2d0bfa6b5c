-- The columns of selected_usage, added up over the calls of each group (call_id is NULL): it is priced sooner, and to the same sums.
-- One row per group, UTC day, stage, provider, model, currency and kinds of quantities used.
-- Reads: selected_usage.
SELECT
    CAST(NULL AS VARCHAR) AS call_id, group_id, day, stage, provider, model, currency, quantity_bits,
    sum(COLUMNS(* EXCLUDE (call_id, group_id, day, stage, provider, model, currency, quantity_bits))) AS '\0'
FROM selected_usage
GROUP BY group_id, day, stage, provider, model, currency, quantity_bits;
