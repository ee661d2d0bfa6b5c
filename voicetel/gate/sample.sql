-- sample_calls: one row per selected call. What every metric of the gate is a sum or a quotient of.
--   number                     its place, from 0: oldest first
--   agent_name … outcome, day  what calls are filtered and split by
--   started_at                 UTC
--   duration_s                 NULL: unknown
--   cost_<component>, cost_total   exact, in the card's currency; NULL: nothing of it has a price, or nothing was used
--   billable_<component>       operations of it that a card could price
--   billable, covered          operations that a card could price, and those that have a price
--   interruption_count, agent_turns, turns
--   answered, incomplete       1 or 0
--   sentiment                  −1 to 1; NULL: unknown
--   stt_s … transport_s        what was used, as logged; NULL: not logged
-- What stands in braces: day, that of the call's start in a zone ($tz, bound); components, for each the two columns.
CREATE OR REPLACE TEMP TABLE sample_calls AS
WITH
used AS (
    SELECT
        call_id,
        sum(coalesce(audio_s, session_s)) FILTER (stage = 'stt') AS stt_s,
        sum(input_tokens) FILTER (stage = 'llm') AS llm_input_tokens,
        sum(output_tokens) FILTER (stage = 'llm') AS llm_output_tokens,
        sum(characters) FILTER (stage = 'tts') AS tts_characters,
        sum(session_s) FILTER (stage = 'transport') AS transport_s
    FROM usage JOIN selected_calls USING (call_id)
    GROUP BY call_id
),
cost AS (
    SELECT call_id, {components}, sum(amount) AS cost_total, sum(billable) AS billable, sum(covered) AS covered
    FROM priced_usage
    GROUP BY call_id
)
SELECT
    row_number() OVER (ORDER BY started_at, selected_calls.call_id) - 1 AS number,
    selected_calls.call_id,
    agent_name, agent_version, campaign, direction, language, outcome, {day} AS day,
    started_at, duration_s,
    cost.* EXCLUDE (call_id, billable, covered),
    CAST(coalesce(billable, 0) AS BIGINT) AS billable,
    CAST(coalesce(covered, 0) AS BIGINT) AS covered,
    CAST(interruptions.interruption_count AS BIGINT) AS interruption_count,
    CAST(agent_turns AS BIGINT) AS agent_turns,
    CAST(turns AS BIGINT) AS turns,
    CAST(answered AS BIGINT) AS answered,
    CAST(state = 'incomplete' AS BIGINT) AS incomplete,
    sentiment,
    used.* EXCLUDE (call_id)
FROM selected_calls
JOIN (SELECT call_id, interruption_count FROM call_interruptions) AS interruptions USING (call_id)
LEFT JOIN used USING (call_id)
LEFT JOIN cost USING (call_id);
