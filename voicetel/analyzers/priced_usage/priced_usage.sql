-- priced_usage: what operations of the selected calls used and cost.
-- One row per row of usage_to_price: of usage (see there), of a sum of such rows over calls (call_id is then NULL), or, where the
-- rate rounds each operation's time up or has a fee per call, of an operation.
--   call_id, group_id, day, stage, component, provider, model
--   operations        how many
--   billable          how many of them used something that a card could price
--   covered           how many of them have a price for all of it
--   ninths            what it cost, exact, in ninths of the card's currency: exact_amount(sum(ninths)) is an amount. NULL: no price.
--                     A rate per minute or per hour is a 60th or 3,600th per second, which has no last decimal digit; nine times it has
--   other_currency, other_amount
--                     what the provider charged in another currency than the card's
--   quantity_bits     which quantities are billed, a bit for each: pricing.units.BILLABLES names them
--   unpriced          names of the quantities that the rate does not cover; NULL: no rate at all
--   input_tokens … requests   as logged
-- Reads: usage_amounts, made by rates.py of usage_to_price; the variable `card_currency`.
CREATE OR REPLACE TEMP TABLE priced_usage AS
SELECT
    * EXCLUDE (currency, charged, card_table, valid_from, valid_to, is_fully_priced, is_priced, per_call, approximate_ninths),
    CASE WHEN quantity_bits > 0 OR currency IS NOT NULL OR per_call IS NOT NULL THEN operations ELSE 0 END AS billable,
    CASE WHEN currency IS NOT NULL OR (is_fully_priced AND (quantity_bits > 0 OR per_call IS NOT NULL)) THEN operations ELSE 0 END AS covered,
    CASE WHEN currency <> getvariable('card_currency') THEN currency END AS other_currency,
    CASE WHEN currency <> getvariable('card_currency') THEN charged END AS other_amount
FROM (SELECT * REPLACE (CASE WHEN currency IS NOT NULL THEN [] ELSE unpriced END AS unpriced) FROM usage_amounts);
