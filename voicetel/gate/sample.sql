-- sample_calls: one row per selected call. What every metric of the gate is a sum or a quotient of.
--   number                     its place, from 0: oldest first
--   group_values               the values of what calls are filtered and split by
--   outcome
--   started_at                 UTC
--   duration_s                 NULL: unknown
--   cost_<component>, cost_total   in the card's currency; NULL: nothing of it has a price, or nothing was used
--   ninths_<component>, ninths_total   the same, exact, in ninths of the currency
--   billable_<component>       operations of it that a card could price
--   billable, covered          operations that a card could price, and those that have a price
--   interruption_count, agent_turns, turns
--   answered, incomplete       1 or 0
--   sentiment                  −1 to 1; NULL: unknown
--   stt_s … transport_s        what was used, as logged; NULL: not logged
-- Reads: selected_calls, call_interruptions, call_usage, call_cost.
CREATE OR REPLACE TEMP TABLE sample_calls AS
SELECT
    row_number() OVER (ORDER BY started_at, selected_calls.call_id) - 1 AS number,
    selected_calls.call_id,
    group_values, outcome, started_at, duration_s,
    call_cost.* EXCLUDE (call_id, billable, covered),
    CAST(coalesce(billable, 0) AS BIGINT) AS billable,
    CAST(coalesce(covered, 0) AS BIGINT) AS covered,
    CAST(interruptions.interruption_count AS BIGINT) AS interruption_count,
    CAST(agent_turns AS BIGINT) AS agent_turns,
    CAST(turns AS BIGINT) AS turns,
    CAST(answered AS BIGINT) AS answered,
    CAST(state = 'incomplete' AS BIGINT) AS incomplete,
    sentiment,
    call_usage.* EXCLUDE (call_id)
FROM selected_calls
JOIN (SELECT call_id, interruption_count FROM call_interruptions) AS interruptions USING (call_id)
LEFT JOIN call_usage USING (call_id)
LEFT JOIN call_cost USING (call_id);
