-- One row per call, the $limit with the slowest responses: its slowest turn, and what took the most of that response.
--   call_id, turn, eou_latency_ms
--   stage       whose operations cover the most of the time from the caller's last sound to the agent's first, or `unattributed`, which
--               no operation covers. Where that time, or the place of an operation in it, is not known: the stage whose latency is the
--               largest, its operations' lengths added up
--   stage_ms    how much of it, in ms; moments that two operations of a stage cover count once
-- Reads: selected_turns, turns, operations. Bound: $limit.
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
        stream_id, line_key, call_id, turn, eou_latency_ms, endpointing_ms, stt_ttfb_ms, llm_ttft_ms, llm_latency_ms, tts_ttfb_ms,
        realtime_ttfb_ms, unattributed_ms, operation_count,
        coalesce(user_end_ms, agent_start_ms - eou_latency_ms) AS from_ms,
        agent_start_ms AS to_ms
    FROM turns SEMI JOIN slowest USING (call_id)
    WHERE eou_latency_ms IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY call_id ORDER BY eou_latency_ms DESC, turn, line_key) = 1
),
-- Materialized: they are looked for among all operations once, not once for each use.
operation AS MATERIALIZED (
    SELECT turn.call_id, from_ms, to_ms, stage, start_ms, ttfb_ms, duration_ms
    FROM turn JOIN operations USING (stream_id, line_key)
),
span AS (
    SELECT
        call_id, stage,
        greatest(start_ms, from_ms) AS begin_ms,
        least(start_ms + coalesce(duration_ms, ttfb_ms), to_ms) AS end_ms
    FROM operation
    WHERE start_ms IS NOT NULL AND coalesce(duration_ms, ttfb_ms) IS NOT NULL
),
-- A call whose slowest response has a beginning and an end, and operations in it that all have a place.
calls_with_spans AS (
    SELECT call_id FROM turn WHERE from_ms < to_ms AND operation_count > 0
    EXCEPT
    SELECT call_id FROM operation WHERE start_ms IS NULL AND coalesce(duration_ms, ttfb_ms) IS NOT NULL
),
covered AS (
    SELECT call_id, stage, sum(greatest(end_ms - greatest(begin_ms, covered_to_ms), 0)) AS ms
    FROM (
        SELECT
            *,
            coalesce(max(end_ms) OVER (
                PARTITION BY call_id, stage ORDER BY begin_ms, end_ms ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), begin_ms
            ) AS covered_to_ms
        FROM span SEMI JOIN calls_with_spans USING (call_id)
        WHERE end_ms > begin_ms)
    GROUP BY call_id, stage
),
stage_times AS (
    SELECT call_id, stage, ms FROM covered
    UNION ALL
    SELECT call_id, 'unattributed', unattributed_ms FROM turn WHERE unattributed_ms > 0
    UNION ALL
    SELECT
        call_id,
        unnest([
            {stage: 'eot', ms: endpointing_ms},
            {stage: 'stt', ms: stt_ttfb_ms},
            {stage: 'llm', ms: coalesce(llm_latency_ms, llm_ttft_ms)},
            {stage: 'tts', ms: tts_ttfb_ms},
            {stage: 'realtime', ms: realtime_ttfb_ms}
        ], recursive := true)
    FROM turn ANTI JOIN calls_with_spans USING (call_id)
    UNION ALL
    SELECT call_id, stage, sum(coalesce(duration_ms, ttfb_ms))
    FROM operation ANTI JOIN calls_with_spans USING (call_id)
    WHERE stage NOT IN ('eot', 'stt', 'llm', 'tts', 'realtime', 'transport', 'platform') AND coalesce(duration_ms, ttfb_ms) >= 0
    GROUP BY call_id, stage
),
longest AS (
    SELECT call_id, stage, ms
    FROM stage_times
    WHERE ms IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY call_id ORDER BY ms DESC, stage) = 1
)
SELECT
    call_id, CAST(eou_latency_ms AS DOUBLE) AS eou_latency_ms, turn, stage, CAST(ms AS DOUBLE) AS stage_ms
FROM turn LEFT JOIN longest USING (call_id)
ORDER BY turn.eou_latency_ms DESC, call_id;
