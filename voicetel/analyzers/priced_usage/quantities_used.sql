-- One row per model and kinds of quantities that it used: what a card has to have rates for.
--   stage, provider, model
--   quantity_bits   which quantities are billed: bit n is the n-th of pricing.units.BILLABLES
-- Reads: selected_usage.
SELECT DISTINCT stage, provider, model, quantity_bits
FROM selected_usage
WHERE currency IS NULL
ORDER BY ALL;
