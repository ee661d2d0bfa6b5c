-- One row per selected call, group by group and oldest first: what `voicetel calls` shows and exporters write.
--   group_values     the values of its group
--   the columns of call_latency, call_usage and call_cost
--   unpriced_operations
--   interruption_count, interruption_rate   NULL: nothing of the call says whether the agent was stopped
--   answered         it counts as answered
--   transferred, first_word_ms, caller_silence_ms, no_input_count, unheard_count
--                    as call_handling has them
--   confidence_avg   mean over its turns of how sure the transcriber was
-- Amounts are in the card's currency; a component no operation of which has a price is NULL.
-- Reads: selected_calls, call_latency, call_usage, call_cost, call_interruptions, call_handling.
SELECT
    group_values, call_id, started_at, duration_s, state, agent_name, agent_version, campaign, direction, language, end_reason,
    turns, user_turns, agent_turns,
    call_latency.* EXCLUDE (call_id),
    stt_s, llm_input_tokens, llm_output_tokens, tts_characters, transport_s,
    cost_stt, cost_llm, cost_tts, cost_realtime, cost_transport, cost_other, cost_total,
    CAST(coalesce(billable - covered, 0) AS BIGINT) AS unpriced_operations,
    CAST(call_interruptions.interruption_count AS BIGINT) AS interruption_count,
    CASE WHEN agent_turns > 0 THEN call_interruptions.interruption_count / agent_turns END AS interruption_rate,
    outcome, CAST(outcome_confidence AS DOUBLE) AS outcome_confidence, outcome_reason, outcome_source,
    CAST(sentiment AS DOUBLE) AS sentiment,
    answered, transferred,
    CAST(call_handling.first_word_ms AS DOUBLE) AS first_word_ms, CAST(call_handling.caller_silence_ms AS DOUBLE) AS caller_silence_ms,
    call_handling.no_inputs AS no_input_count, call_handling.unheard AS unheard_count,
    CASE WHEN confidence_n > 0 THEN CAST(confidence_sum AS DOUBLE) / confidence_n END AS confidence_avg
FROM (SELECT * EXCLUDE (interruption_count, first_word_ms, caller_silence_ms, no_inputs, unheard) FROM selected_calls) AS selected_calls
JOIN (SELECT call_id, interruption_count FROM call_interruptions) AS call_interruptions USING (call_id)
JOIN call_handling USING (call_id)
LEFT JOIN call_latency USING (call_id)
LEFT JOIN call_usage USING (call_id)
LEFT JOIN call_cost USING (call_id)
ORDER BY group_id, started_at, call_id;
