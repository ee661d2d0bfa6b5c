-- One row per call, the $limit with the slowest responses: its slowest turn and what took most of it.
-- Reads: selected_turns, turns. Bound: $limit.
WITH
slowest AS (
    SELECT call_id, max(eou_latency_ms) AS slowest_ms
    FROM selected_turns
    WHERE eou_latency_ms IS NOT NULL
    GROUP BY call_id
    ORDER BY slowest_ms DESC, call_id
    LIMIT $limit
),
turn AS (
    SELECT
        call_id, turn, CAST(eou_latency_ms AS DOUBLE) AS eou_latency_ms,
        list_max([
            {ms: coalesce(endpointing_ms, -1), stage: 'eot'},
            {ms: coalesce(stt_ttfb_ms, -1), stage: 'stt'},
            {ms: coalesce(llm_latency_ms, llm_ttft_ms, -1), stage: 'llm'},
            {ms: coalesce(tts_ttfb_ms, -1), stage: 'tts'},
            {ms: coalesce(realtime_ttfb_ms, -1), stage: 'realtime'},
            {ms: coalesce(unattributed_ms, -1), stage: 'unattributed'}]) AS blame
    FROM (
        SELECT turns.* FROM turns SEMI JOIN slowest USING (call_id)
        WHERE eou_latency_ms IS NOT NULL
        QUALIFY row_number() OVER (PARTITION BY call_id ORDER BY eou_latency_ms DESC, turn, line_key) = 1
    )
)
SELECT
    call_id, eou_latency_ms, turn,
    CASE WHEN blame.ms >= 0 THEN blame.stage END AS stage,
    CASE WHEN blame.ms >= 0 THEN CAST(blame.ms AS DOUBLE) END AS stage_ms
FROM turn
ORDER BY eou_latency_ms DESC, call_id
LIMIT $limit;
