-- One row per selected call, group by group and oldest first: what `voicetel calls` shows and exporters write.
-- Amounts are in the card's currency; a component no operation of which has a price is NULL.
-- What stands in braces: latencies, for each latency in ms <name>_n, _avg, _min, _p50, _p95, _max;
-- day, where calls are grouped by it: the day of the call's start, YYYY-MM-DD in the zone that was asked for.
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
    SELECT
        call_id,
        sum(amount) FILTER (component = 'stt') AS cost_stt,
        sum(amount) FILTER (component = 'llm') AS cost_llm,
        sum(amount) FILTER (component = 'tts') AS cost_tts,
        sum(amount) FILTER (component = 'realtime') AS cost_realtime,
        sum(amount) FILTER (component = 'transport') AS cost_transport,
        sum(amount) FILTER (component = 'other') AS cost_other,
        sum(amount) AS cost_total,
        coalesce(sum(billable - covered), 0) AS unpriced_operations
    FROM priced_usage
    GROUP BY call_id
)
SELECT
    {day} call_id, started_at, duration_s, state, agent_name, agent_version, campaign, direction, language, end_reason,
    turns, user_turns, agent_turns,
    {latencies},
    stt_s, llm_input_tokens, llm_output_tokens, tts_characters, transport_s,
    cost_stt, cost_llm, cost_tts, cost_realtime, cost_transport, cost_other, cost_total,
    CAST(coalesce(unpriced_operations, 0) AS BIGINT) AS unpriced_operations,
    CAST(call_interruptions.interruption_count AS BIGINT) AS interruption_count,
    CASE WHEN agent_turns > 0 THEN call_interruptions.interruption_count / agent_turns END AS interruption_rate,
    outcome, CAST(outcome_confidence AS DOUBLE) AS outcome_confidence, outcome_reason, outcome_source,
    CAST(sentiment AS DOUBLE) AS sentiment
FROM (SELECT * EXCLUDE (interruption_count) FROM selected_calls) AS selected_calls
JOIN (SELECT call_id, interruption_count FROM call_interruptions) AS call_interruptions USING (call_id)
LEFT JOIN call_latency USING (call_id)
LEFT JOIN used USING (call_id)
LEFT JOIN cost USING (call_id)
ORDER BY part, started_at, call_id;
