-- recent_turns: one row per turn of the selected calls that began after $since.
--   call_id, turn, ts
--   agent_spoke              the agent had a part in it
--   says_stopped             its line says whether the agent was stopped
--   stopped_by_caller        its line says that the caller stopped the agent
--   eou_latency_ms … unattributed_ms    as in turns
-- Reads: selected_turns. Bound: $since, UTC.
SELECT
    call_id, turn, ts, agent_spoke, interrupted IS NOT NULL AS says_stopped,
    coalesce(stopped_by_caller(interrupted, interrupted_by), false) AS stopped_by_caller,
    eou_latency_ms, endpointing_ms, stt_ttfb_ms, llm_ttft_ms, tts_ttfb_ms, realtime_ttfb_ms, unattributed_ms
FROM selected_turns
WHERE ts > CAST($since AS TIMESTAMP);
