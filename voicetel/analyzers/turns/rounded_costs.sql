-- rounded_costs: one row per operation whose cost has no last digit, as a price per minute by the second may have none.
--   stream_id, line_key, operation   where it stands
--   rounded_cost                  what the costs without a last digit come to with it more than before it, each sum rounded half
--                                 up at the 24th place: so operations add up to what their component cost in the call
-- Costs that have a last digit change no rounding. A window over all operations, with all that is known of each, would have to spill.
-- Reads: operation_amounts, made by rates.py of indexed_operations.
CREATE OR REPLACE TEMP TABLE rounded_costs AS
WITH running AS (
    SELECT
        stream_id, line_key, operation, ninths,
        sum(ninths) OVER (
            PARTITION BY call_id
            ORDER BY list_position(['stt', 'llm', 'tts', 'realtime', 'transport', 'other'], component), operation_index
        ) AS ninths_so_far
    FROM operation_amounts
    WHERE CAST(replace(CAST(ninths AS VARCHAR), '.', '') AS HUGEINT) % 9 <> 0
)
SELECT stream_id, line_key, operation, exact_amount(ninths_so_far) - exact_amount(ninths_so_far - ninths) AS rounded_cost
FROM running;
