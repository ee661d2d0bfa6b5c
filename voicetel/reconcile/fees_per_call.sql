-- fees_per_call: one row per model and day on which the card asks fees per call, and per fee.
--   stage, provider, model   of the operation that carries the fee: the first of its call that the fee's table prices
--   local_day                the day of that operation in the zone of local_time
--   ninths                   the fee of a call, in ninths of the card's currency
--   calls                    how many calls it is asked of: each once by each table
-- Reads: rated, operations_to_price, local_time.
WITH
first_operation AS (
    SELECT stage, provider, model, CAST(local_time(ts) AS DATE) AS local_day, per_call AS ninths
    FROM rated('operations_to_price')
    WHERE per_call IS NOT NULL AND provider IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY call_id, card_table ORDER BY ts, line_key, operation) = 1
)
SELECT stage, provider, model, local_day, ninths, count(*) AS calls
FROM first_operation
GROUP BY ALL
ORDER BY ALL;
