-- call_cost: one row per selected call that used something.
--   cost_<component>, cost_total   exact, in the card's currency; NULL: nothing of it has a price, or nothing was used
--   billable_<component>           operations of it that a card could price
--   billable, covered              operations that a card could price, and those that have a price
-- Reads: priced_usage of calls.
CREATE OR REPLACE TEMP VIEW call_cost AS
SELECT
    call_id,
    sum(amount) FILTER (component = 'stt') AS cost_stt,
    sum(amount) FILTER (component = 'llm') AS cost_llm,
    sum(amount) FILTER (component = 'tts') AS cost_tts,
    sum(amount) FILTER (component = 'realtime') AS cost_realtime,
    sum(amount) FILTER (component = 'transport') AS cost_transport,
    sum(amount) FILTER (component = 'other') AS cost_other,
    CAST(sum(billable) FILTER (component = 'stt') AS BIGINT) AS billable_stt,
    CAST(sum(billable) FILTER (component = 'llm') AS BIGINT) AS billable_llm,
    CAST(sum(billable) FILTER (component = 'tts') AS BIGINT) AS billable_tts,
    CAST(sum(billable) FILTER (component = 'realtime') AS BIGINT) AS billable_realtime,
    CAST(sum(billable) FILTER (component = 'transport') AS BIGINT) AS billable_transport,
    CAST(sum(billable) FILTER (component = 'other') AS BIGINT) AS billable_other,
    sum(amount) AS cost_total,
    sum(billable) AS billable,
    sum(covered) AS covered
FROM priced_usage
GROUP BY call_id;
