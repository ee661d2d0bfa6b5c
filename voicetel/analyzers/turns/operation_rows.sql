-- operation_rows: one row per call to a provider of the selected calls, priced by itself; the sums are those of priced_usage.
--   call_id
--   operation_index             its place in the call, from 1: by time of the event, then by start
--   turn_index                  the turn it belongs to, as in turn_rows; NULL outside one
--   event, ts                   the event that says so, and its time, UTC
--   stage, provider, model, name, status, start_ms, ttfb_ms, duration_ms, input_tokens … requests
--                               as in operations
--   component                   the part of the bill that it is in
--   cost                        in the card's currency; NULL: no price at all. Whole where it has a last digit, else at the 24th
--                               place, so that the operations of a component add up to what it cost in the call
--   rate, rate_from             key of the card's rate that priced it, and the UTC day from which that holds (NULL: always)
--   charged, charged_currency   what the provider itself charged
-- Reads: operation_amounts, made by rates.py of indexed_operations; rounded_costs.
CREATE OR REPLACE TEMP VIEW operation_rows AS
SELECT
    * EXCLUDE (
        stream_id, line_key, turn, operation, group_id, day, quantity_bits, currency, card_table, valid_from, valid_to, is_fully_priced,
        is_priced, unpriced, per_call, approximate_ninths, ninths, rounded_cost)
    REPLACE (
        CAST(event AS VARCHAR) AS event,
        CAST(status AS VARCHAR) AS status,
        coalesce(rounded_cost, exact_amount(ninths)) AS cost),
    currency AS charged_currency,
    CASE WHEN is_priced THEN card_table END AS rate,
    CASE WHEN is_priced AND valid_from > DATE '0001-01-01' THEN valid_from END AS rate_from
FROM operation_amounts LEFT JOIN rounded_costs USING (stream_id, line_key, operation);
