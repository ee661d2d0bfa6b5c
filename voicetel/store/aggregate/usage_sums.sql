-- What the operations of some calls used, added up as rows of `usage` of $segment, from the events that count (ingest/usage.py does
-- the same for lines as they are read). Reads: calls_to_add_up (call_id).
-- What is billed of a quantity has to be taken per operation, before anything is summed (voicetel/pricing/units.py): a part
-- that is larger than its whole leaves nothing of the whole, and that does not add up. So few operations go into a row that no
-- sum is past its type. In braces: since_earliest, a condition that leaves out what is before all that they used; billed_columns, quantity_bits and sums are generated from the tables of fields and of units.
WITH operation AS (
    SELECT
        stream_id, call_id, CAST(ts AS DATE) AS day, row_number() OVER () // 900 AS operation_group,
        COLUMNS(operations.* EXCLUDE (stream_id, call_id, ts))
    FROM operations
    WHERE {since_earliest} AND call_id IN (FROM calls_to_add_up)
),
measured AS (
    SELECT
        *,
        charged_amount(cost, currency) AS charged,
        {billed_columns}
    FROM operation
)
SELECT
    operation_group, CAST($segment AS INTEGER) AS segment, stream_id, call_id, day, stage, provider, model,
    CASE WHEN charged IS NOT NULL THEN upper(currency) END AS currency,
    CAST({quantity_bits} AS INTEGER) AS quantity_bits,
    count(*) AS operations,
    sum(charged) AS charged,
    {sums}
FROM measured
GROUP BY ALL
