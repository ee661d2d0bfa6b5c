-- One row per model of the selected calls.
--   stage, provider, model
--   first_day, last_day     UTC days of its use
--   operations              how many
--   charged_operations      those that came with the provider's own charge
--   quantity_bits           which quantities of the others are billed, as in usage
-- Reads: selected_usage.
SELECT
    stage, provider, model, min(day) AS first_day, max(day) AS last_day,
    CAST(sum(operations) AS BIGINT) AS operations,
    CAST(coalesce(sum(operations) FILTER (currency IS NOT NULL), 0) AS BIGINT) AS charged_operations,
    coalesce(bit_or(quantity_bits) FILTER (currency IS NULL), 0) AS quantity_bits
FROM selected_usage
GROUP BY stage, provider, model
ORDER BY stage, provider, model;
