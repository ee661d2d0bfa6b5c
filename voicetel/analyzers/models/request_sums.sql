-- The rows of requests_to_price with what they cost: ninths, exact, in ninths of the card's currency; NULL: no price.
-- Reads: similar_request_amounts, made by rates.py of rated_requests; the variable `card_currency`.
SELECT
    group_id, stage, provider, model, part, made,
    CASE
        WHEN currency = getvariable('card_currency') THEN CAST(9 * billed AS DECIMAL(38, 24))
        WHEN currency IS NULL AND is_priced THEN card_ninths
    END AS ninths
FROM similar_request_amounts
