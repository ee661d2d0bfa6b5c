-- What the operations of some calls used, added up as rows of `usage` of $segment, from the events that count (ingest/usage.py does
-- the same for lines as they are read). Reads: dirty_calls (call_id).
-- What is billed of a quantity has to be taken per operation, before anything is summed (voicetel/pricing/units.py): a part
-- that is larger than its whole leaves nothing of the whole, and that does not add up. So few operations go into a row that no
-- sum is past its type. In braces: earliest, a moment before which they used nothing; billed_columns, used and sums are generated from the tables of fields and of units.
WITH operation AS (
    SELECT
        source, call_id, CAST(ts AS DATE) AS day, row_number() OVER () // 900 AS operation_group,
        COLUMNS(operations.* EXCLUDE (source, call_id, ts))
    FROM operations
    WHERE {earliest} AND call_id IN (FROM dirty_calls)
),
measured AS (
    SELECT
        *,
        charged_amount(cost, currency) AS billed_amount,
        {billed_columns}
    FROM operation
)
SELECT
    operation_group, CAST($segment AS INTEGER) AS segment, source, call_id, day, stage, provider, model,
    CASE WHEN billed_amount IS NOT NULL THEN upper(currency) END AS currency,
    CAST({used} AS INTEGER) AS used,
    count(*) AS operations,
    sum(billed_amount) AS billed,
    {sums}
FROM measured
GROUP BY ALL
