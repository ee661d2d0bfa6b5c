-- One row per turn of a period whose response took longer than $slow_ms, the newest first, $limit at most.
--   ts, call_id, turn
--   eou_latency_ms … unattributed_ms    as in turns
-- Reads: recent_turns. Bound: $since and $at, UTC, between which it lies, the end included; $slow_ms; $limit.
SELECT
    ts, call_id, turn, eou_latency_ms, endpointing_ms, stt_ttfb_ms, llm_ttft_ms, tts_ttfb_ms, realtime_ttfb_ms,
    unattributed_ms
FROM recent_turns
WHERE eou_latency_ms > $slow_ms AND ts > CAST($since AS TIMESTAMP) AND ts <= CAST($at AS TIMESTAMP)
ORDER BY ts DESC, call_id, turn
LIMIT $limit;
