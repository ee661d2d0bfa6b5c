-- The rows of requests_to_price with what they cost: ninths, exact, in ninths of the card's currency; NULL: no price.
-- Reads: similar_request_amounts, made by rates.py of requests_to_price.
SELECT group_id, stage, provider, model, subset, operations, ninths
FROM similar_request_amounts
