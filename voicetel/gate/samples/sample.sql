-- sample_calls: one row per selected call. What every metric of the gate is a sum or a quotient of.
--   number                     its place, from 0: oldest first
--   group_id, group_values     the group by what calls are filtered and split by: its place in their order, and its values
--   outcome
--   started_at                 UTC
--   duration_s                 NULL: unknown
--   cost_<component>, cost_total   in the card's currency; NULL: nothing of it has a price, or nothing was used
--   ninths_<component>, ninths_total   the same, exact, in ninths of the currency
--   billable_<component>       operations of it that a card could price
--   billable, covered          operations that a card could price, and those that have a price
--   interruption_count, agent_turns, turns
--   observed_turns               agent_turns where anything of the call says whether the agent was stopped, else 0
--   answered, incomplete       1 or 0
--   connects, conversations, conversation_successes   1 or 0: how far it came; see call_steps
--   known_connects, known_answers, known_endings, known_turns
--                              1 or 0: whether it was picked up, of those whether it was answered, and how a conversation ended is known;
--                              answered, with a turn in the log
--   sentiment                  −1 to 1; NULL: unknown
--   stt_s … transport_s        what was used, as logged; NULL: not logged
--   handled, contained         1 or 0: answered and ended; of these, not passed on
--   transferred                1 or 0: of these, passed on; NULL: it does not say
--   timeouts, reasons          1 or 0: ended with the end_reason `timeout`; with any
--   no_input_calls, unheard_calls   1 or 0: there is a mark of this kind
--   first_word_ms, caller_silence_ms, handle_time_s   in thousandths of their unit; NULL: unknown
--   confidence_n … audio_s     as call_handling has them
-- Reads: selected_calls, call_steps, call_interruptions, call_usage, call_cost, call_handling.
CREATE OR REPLACE TEMP TABLE sample_calls AS
SELECT
    row_number() OVER (ORDER BY started_at, selected_calls.call_id) - 1 AS number,
    selected_calls.call_id,
    group_id, group_values, outcome, started_at, duration_s,
    call_cost.* EXCLUDE (call_id, billable, covered),
    CAST(coalesce(billable, 0) AS BIGINT) AS billable,
    CAST(coalesce(covered, 0) AS BIGINT) AS covered,
    CAST(interruptions.interruption_count AS BIGINT) AS interruption_count,
    CAST(agent_turns AS BIGINT) AS agent_turns,
    CAST(observed_turns AS BIGINT) AS observed_turns,
    CAST(turns AS BIGINT) AS turns,
    CAST(answered AS BIGINT) AS answered,
    CAST(is_connected AS BIGINT) AS connects,
    CAST(is_conversation AS BIGINT) AS conversations,
    CAST(is_conversation AND outcome = 'success' AS BIGINT) AS conversation_successes,
    CAST(is_connected OR outcome <> 'unknown' AS BIGINT) AS known_connects,
    CAST(is_connected AND (answered OR outcome <> 'unknown') AS BIGINT) AS known_answers,
    CAST(is_conversation AND outcome <> 'unknown' AS BIGINT) AS known_endings,
    CAST(answered AND has_turns AS BIGINT) AS known_turns,
    CAST(state = 'incomplete' AS BIGINT) AS incomplete,
    sentiment,
    call_usage.* EXCLUDE (call_id),
    CAST(handled AS BIGINT) AS handled,
    CAST(handled AND call_handling.transferred IS NOT TRUE AS BIGINT) AS contained,
    CASE WHEN handled THEN CAST(call_handling.transferred AS BIGINT) END AS transferred,
    CAST(ended AND coalesce(end_reason = 'timeout', false) AS BIGINT) AS timeouts,
    CAST(ended AND end_reason IS NOT NULL AS BIGINT) AS reasons,
    CAST(call_handling.no_inputs > 0 AS BIGINT) AS no_input_calls,
    CAST(call_handling.unheard > 0 AS BIGINT) AS unheard_calls,
    CAST(call_handling.first_word_ms * 1000 AS BIGINT) AS first_word_ms,
    CAST(call_handling.caller_silence_ms * 1000 AS BIGINT) AS caller_silence_ms,
    CASE WHEN answered THEN CAST(duration_s * 1000 AS BIGINT) END AS handle_time_s,
    confidence_n, confidence_sum, setting_ms, waited_ms, characters, audio_s
FROM selected_calls
JOIN (SELECT call_id, is_connected, is_conversation, has_turns FROM call_steps) AS steps USING (call_id)
JOIN (SELECT call_id, interruption_count, observed_turns FROM call_interruptions) AS interruptions USING (call_id)
JOIN call_handling USING (call_id)
LEFT JOIN call_usage USING (call_id)
LEFT JOIN call_cost USING (call_id);
