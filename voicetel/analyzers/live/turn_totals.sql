-- One row: the turns of a period.
--   calls, turns         the calls of the turns that began in it, and these turns
--   eou_latency_ms_…     of those whose response is known: how many, median, 95th percentile, the slowest, in ms
--   slow_turns           whose response was slow
--   <latency>_n, <latency>_p95    the same of the other latencies of a turn, in ms
--   agent_turns, interruptions    in which the agent spoke, and of these those in which the caller stopped it; NULL: the agent spoke, and
--                                 nothing says of any of them whether it was stopped
-- Reads: period_turns.
SELECT
    count(DISTINCT call_id) AS calls,
    count(*) AS turns,
    count(eou_latency_ms) AS eou_latency_ms_n,
    round(percentile_cont(0.5) WITHIN GROUP (ORDER BY CAST(eou_latency_ms AS DOUBLE)), 6) AS eou_latency_ms_p50,
    round(percentile_cont(0.95) WITHIN GROUP (ORDER BY CAST(eou_latency_ms AS DOUBLE)), 6) AS eou_latency_ms_p95,
    CAST(max(eou_latency_ms) AS DOUBLE) AS eou_latency_ms_max,
    count(*) FILTER (WHERE is_slow) AS slow_turns,
    count(endpointing_ms) AS endpointing_ms_n,
    round(percentile_cont(0.95) WITHIN GROUP (ORDER BY CAST(endpointing_ms AS DOUBLE)), 6) AS endpointing_ms_p95,
    count(stt_ttfb_ms) AS stt_ttfb_ms_n,
    round(percentile_cont(0.95) WITHIN GROUP (ORDER BY CAST(stt_ttfb_ms AS DOUBLE)), 6) AS stt_ttfb_ms_p95,
    count(llm_ttft_ms) AS llm_ttft_ms_n,
    round(percentile_cont(0.95) WITHIN GROUP (ORDER BY CAST(llm_ttft_ms AS DOUBLE)), 6) AS llm_ttft_ms_p95,
    count(tts_ttfb_ms) AS tts_ttfb_ms_n,
    round(percentile_cont(0.95) WITHIN GROUP (ORDER BY CAST(tts_ttfb_ms AS DOUBLE)), 6) AS tts_ttfb_ms_p95,
    count(realtime_ttfb_ms) AS realtime_ttfb_ms_n,
    round(percentile_cont(0.95) WITHIN GROUP (ORDER BY CAST(realtime_ttfb_ms AS DOUBLE)), 6) AS realtime_ttfb_ms_p95,
    count(*) FILTER (WHERE agent_spoke) AS agent_turns,
    CASE
        WHEN count(*) FILTER (WHERE agent_spoke) = 0 OR count(was_interrupted) > 0
        THEN count(*) FILTER (WHERE was_interrupted)
    END AS interruptions
FROM period_turns;
