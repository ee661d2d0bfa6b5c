-- priced_usage: what operations of the selected calls used and cost.
-- One row per row of usage (see there), or per sum of such rows over calls (call_id is then NULL); where the rate rounds each
-- operation's time up, one per operation.
--   call_id, part, day, stage, component, provider, model
--   operations        how many
--   billable          how many of them used something that a card could price
--   covered           how many of them have a price for all of it
--   amount            exact, in the card's currency; NULL: no price at all
--   other_currency, other_amount
--                     what the provider charged in another currency than the card's
--   used              which quantities are billed, as in usage
--   unpriced          names of the quantities that the rate does not cover; NULL: no rate at all
--   input_tokens … requests   as logged
-- Reads: rates, one row per (stage, provider, model, used, span of days), made from the card by cost.py.
-- Bound: $currency, that of the card. What stands in braces: usage, the rows to price; nth, the
-- place of a row among those of its call under one table of the card; amount and quantities.
CREATE OR REPLACE TEMP TABLE priced_usage AS
WITH
used AS (
    SELECT usage.*, rates.* EXCLUDE (stage, provider, model, used), {nth} AS nth
    FROM {usage} AS usage
    LEFT JOIN rates ON
        rates.stage = usage.stage
        AND rates.provider IS NOT DISTINCT FROM usage.provider
        AND rates.model IS NOT DISTINCT FROM usage.model
        AND rates.used = usage.used
        AND usage.currency IS NULL
        AND usage.day >= rates.valid_from AND usage.day < rates.valid_to
)
SELECT
    call_id, part, day, stage,
    CASE WHEN stage IN ('stt', 'llm', 'tts', 'realtime', 'transport') THEN stage ELSE 'other' END AS component,
    provider, model, operations,
    CASE WHEN used > 0 OR currency IS NOT NULL OR per_call IS NOT NULL THEN operations ELSE 0 END AS billable,
    CASE WHEN currency IS NOT NULL OR (is_covered AND (used > 0 OR per_call IS NOT NULL)) THEN operations ELSE 0 END AS covered,
    CASE
        WHEN currency = $currency THEN CAST(billed AS DECIMAL(38, 24))
        WHEN currency IS NULL AND is_priced THEN {amount}
    END AS amount,
    CASE WHEN currency <> $currency THEN currency END AS other_currency,
    CASE WHEN currency <> $currency THEN billed END AS other_amount,
    used,
    CASE WHEN currency IS NOT NULL THEN [] ELSE unpriced END AS unpriced,
    {quantities}
FROM used;
