-- One row per turn of a period whose response was slow, the newest first, $limit at most.
--   ts, call_id, turn
--   eou_latency_ms … unattributed_ms    as in turns
-- Reads: period_turns. Bound: $limit.
SELECT
    ts, call_id, turn, eou_latency_ms, endpointing_ms, stt_ttfb_ms, llm_ttft_ms, tts_ttfb_ms, realtime_ttfb_ms,
    unattributed_ms
FROM period_turns
WHERE is_slow
ORDER BY ts DESC, call_id, turn
LIMIT $limit;
