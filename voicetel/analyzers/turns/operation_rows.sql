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
-- Reads: event_places, rates. Bound: nothing; what stands in braces: amount, billed_columns, used, generated from the table of
-- units; nth, the place among the operations of a call that one rate prices; currency, that of the card, as a literal.
CREATE OR REPLACE TEMP VIEW operation_rows AS
WITH
operation AS (
    SELECT
        operations.*, operations_before + operation AS operation_index, turn_index, CAST(ts AS DATE) AS day, {billed_columns},
        CASE WHEN regexp_full_match(currency, '[A-Za-z]{3}') AND TRY_CAST(cost AS DECIMAL(38, 18)) >= 0
            THEN TRY_CAST(cost AS DECIMAL(38, 18)) END AS charged
    FROM operations
    JOIN selected_calls USING (call_id)
    JOIN event_places USING (source, line_key)
),
measured AS (
    SELECT *, CASE WHEN charged IS NOT NULL THEN upper(currency) END AS charged_currency, {used} AS used FROM operation
),
priced AS (
    SELECT measured.*, rates.* EXCLUDE (stage, provider, model, used), {nth} AS nth
    FROM measured
    LEFT JOIN rates ON
        rates.stage = measured.stage
        AND rates.provider IS NOT DISTINCT FROM measured.provider
        AND rates.model IS NOT DISTINCT FROM measured.model
        AND rates.used = measured.used
        AND measured.charged IS NULL
        AND measured.day >= rates.valid_from AND measured.day < rates.valid_to
)
SELECT
    call_id, operation_index, turn_index, CAST(event AS VARCHAR) AS event, ts, stage, provider, model, name,
    CAST(status AS VARCHAR) AS status, start_ms, ttfb_ms, duration_ms, {quantities},
    CASE WHEN stage IN ('stt', 'llm', 'tts', 'realtime', 'transport') THEN stage ELSE 'other' END AS component,
    CASE
        WHEN charged_currency = {currency} THEN CAST(charged AS DECIMAL(38, 24))
        WHEN charged IS NULL AND is_priced THEN {amount}
    END AS cost,
    CASE WHEN is_priced THEN key END AS rate,
    CASE WHEN is_priced AND valid_from > DATE '0001-01-01' THEN valid_from END AS rate_from,
    charged, charged_currency
FROM priced;
