-- operation_rows: one row per call to a provider of the selected calls, priced by itself; the sums are those of priced_usage.
--   call_id
--   operation_index             its place in the call, from 1: by time of the event, then by start
--   turn_index                  the turn it belongs to, as in turn_rows; NULL outside one
--   event, ts                   the event that says so, and its time, UTC
--   stage, provider, model, name, status, start_ms, ttfb_ms, duration_ms, input_tokens … requests
--                               as in operations
--   component                   the part of the bill that it is in
--   cost                        exact, in the card's currency; NULL: no price at all
--   rate, rate_from             key of the card's rate that priced it, and the UTC day from which that holds (NULL: always)
--   charged, charged_currency   what the provider itself charged
-- Reads: operation_amounts, made by rates.py of rated_operations; the variable `card_currency`.
CREATE OR REPLACE TEMP VIEW operation_rows AS
SELECT
    * EXCLUDE (
        source, line_key, turn, operation, group_id, day, used, currency,
        key, valid_from, valid_to, is_covered, is_priced, unpriced, per_call, card_amount, approximate_amount)
    REPLACE (
        CAST(event AS VARCHAR) AS event,
        CAST(status AS VARCHAR) AS status,
        CASE
            WHEN charged_currency = getvariable('card_currency') THEN CAST(charged AS DECIMAL(38, 24))
            WHEN charged IS NULL AND is_priced THEN card_amount
        END AS cost),
    CASE WHEN stage IN ('stt', 'llm', 'tts', 'realtime', 'transport') THEN stage ELSE 'other' END AS component,
    CASE WHEN is_priced THEN key END AS rate,
    CASE WHEN is_priced AND valid_from > DATE '0001-01-01' THEN valid_from END AS rate_from
FROM operation_amounts;
