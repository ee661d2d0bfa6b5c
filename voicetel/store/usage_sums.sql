-- Adds up what the operations of some events used: one row per batch, source, call, UTC day, stage, provider, model, currency
-- and kinds of quantities used.
-- What is billed of a quantity has to be taken per operation, before anything is summed (voicetel/pricing/units.py): a part
-- that is larger than its whole leaves nothing of the whole, and that does not add up.
-- What stands in braces: events selects the events; billed_columns, used and sums are generated from the tables of fields and of units.
INSERT INTO usage_sums BY NAME
WITH operation AS (
    SELECT batch, source, call_id, CAST(ts AS DATE) AS day, unnest(operations, recursive := true)
    FROM {events}
),
measured AS (
    SELECT
        *,
        CASE WHEN regexp_full_match(currency, '[A-Za-z]{3}') THEN known(TRY_CAST(cost AS DECIMAL(38, 18))) END AS billed_amount,
        {billed_columns}
    FROM operation
)
SELECT
    batch, source, call_id, day, stage, provider, model,
    CASE WHEN billed_amount IS NOT NULL THEN upper(currency) END AS currency,
    {used} AS used,
    count(*) AS operations,
    sum(billed_amount) AS billed,
    {sums}
FROM measured
GROUP BY ALL;
