-- One row per kind of usage of the selected calls that a card has to price: what `rates` is made for.
--   stage, provider, model
--   used        which quantities are billed: bit n is the n-th of pricing.units.BILLABLES
SELECT DISTINCT stage, provider, model, used
FROM {usage}
WHERE currency IS NULL
ORDER BY ALL;
