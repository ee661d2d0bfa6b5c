-- call_cost: one row per selected call that used something.
--   cost_<component>, cost_total   in the card's currency; NULL: nothing of it has a price, or nothing was used
--   ninths_<component>, ninths_total
--                                  the same, exact, in ninths of the currency
--   billable_<component>           operations of it that a card could price
--   billable, covered              operations that a card could price, and those that have a price for all that they used
-- An amount is exact where its decimals end, else rounded half up at the 24th place. The components add up to the total, to the last digit:
-- each is the running total that it is in less the one before it.
-- Reads: priced_usage of calls.
CREATE OR REPLACE TEMP VIEW call_cost AS
WITH
summed AS (
    SELECT
        call_id,
        sum(ninths) FILTER (component = 'stt') AS ninths_stt,
        sum(ninths) FILTER (component = 'llm') AS ninths_llm,
        sum(ninths) FILTER (component = 'tts') AS ninths_tts,
        sum(ninths) FILTER (component = 'realtime') AS ninths_realtime,
        sum(ninths) FILTER (component = 'transport') AS ninths_transport,
        sum(ninths) FILTER (component = 'other') AS ninths_other,
        CAST(sum(billable) FILTER (component = 'stt') AS BIGINT) AS billable_stt,
        CAST(sum(billable) FILTER (component = 'llm') AS BIGINT) AS billable_llm,
        CAST(sum(billable) FILTER (component = 'tts') AS BIGINT) AS billable_tts,
        CAST(sum(billable) FILTER (component = 'realtime') AS BIGINT) AS billable_realtime,
        CAST(sum(billable) FILTER (component = 'transport') AS BIGINT) AS billable_transport,
        CAST(sum(billable) FILTER (component = 'other') AS BIGINT) AS billable_other,
        sum(ninths) AS ninths_total,
        sum(billable) AS billable,
        sum(covered) AS covered
    FROM priced_usage
    GROUP BY call_id
),
running AS (
    SELECT
        *,
        exact_amount(coalesce(ninths_stt, 0)) AS to_stt,
        exact_amount(coalesce(ninths_stt, 0) + coalesce(ninths_llm, 0)) AS to_llm,
        exact_amount(coalesce(ninths_stt, 0) + coalesce(ninths_llm, 0) + coalesce(ninths_tts, 0)) AS to_tts,
        exact_amount(
            coalesce(ninths_stt, 0) + coalesce(ninths_llm, 0) + coalesce(ninths_tts, 0) + coalesce(ninths_realtime, 0)
        ) AS to_realtime,
        exact_amount(coalesce(ninths_total, 0) - coalesce(ninths_other, 0)) AS to_transport,
        exact_amount(coalesce(ninths_total, 0)) AS to_other
    FROM summed
)
SELECT
    * EXCLUDE (to_stt, to_llm, to_tts, to_realtime, to_transport, to_other),
    CASE WHEN ninths_stt IS NOT NULL THEN to_stt END AS cost_stt,
    CASE WHEN ninths_llm IS NOT NULL THEN to_llm - to_stt END AS cost_llm,
    CASE WHEN ninths_tts IS NOT NULL THEN to_tts - to_llm END AS cost_tts,
    CASE WHEN ninths_realtime IS NOT NULL THEN to_realtime - to_tts END AS cost_realtime,
    CASE WHEN ninths_transport IS NOT NULL THEN to_transport - to_realtime END AS cost_transport,
    CASE WHEN ninths_other IS NOT NULL THEN to_other - to_transport END AS cost_other,
    CASE WHEN ninths_total IS NOT NULL THEN to_other END AS cost_total
FROM running;
