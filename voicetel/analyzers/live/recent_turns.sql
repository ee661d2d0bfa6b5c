-- recent_turns: one row per turn of the selected calls that began after $since.
--   call_id, turn, ts
--   agent_spoke              the agent had a part in it
--   was_interrupted          the caller stopped the agent; NULL: not said, or the agent was silent (interruption_macros.sql)
--   eou_latency_ms … unattributed_ms    as in turns
-- Reads: selected_turns, selected_calls; the macros of interruption_macros.sql. Bound: $since, UTC.
WITH followed AS (
    SELECT
        call_id, turn, ts, agent_spoke, has_interruption_flags, interruption_count, interrupted, interrupted_by, agent_spans, agent_start_ms, agent_end_ms,
        next_caller_begins_us(call_id, numbered, turn, ts, line_key, user_spoke, user_start_ms) AS next_user_start_us,
        eou_latency_ms, endpointing_ms, stt_ttfb_ms, llm_ttft_ms, tts_ttfb_ms, realtime_ttfb_ms, unattributed_ms
    FROM selected_turns JOIN (SELECT call_id, numbered, has_interruption_flags, interruption_count FROM selected_calls) USING (call_id)
    WHERE ts > CAST($since AS TIMESTAMP)
)
SELECT
    call_id, turn, ts, agent_spoke,
    was_interrupted(
        agent_spoke, has_interruption_flags, interruption_count, interrupted, interrupted_by, is_agent_timed(agent_spans, agent_start_ms, agent_end_ms),
        begins_inside(next_user_start_us, epoch_us(ts), played_spans(agent_spans, agent_start_ms, agent_end_ms))) AS was_interrupted,
    eou_latency_ms, endpointing_ms, stt_ttfb_ms, llm_ttft_ms, tts_ttfb_ms, realtime_ttfb_ms, unattributed_ms
FROM followed;
