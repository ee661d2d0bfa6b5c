-- One row: what the lines of all logs say that cannot all be so.
--   repeated_turns          turn numbers that stand in several lines of one call
--   first_repeated          the first of them: call_id, turn
--   lost_lines              lines that do not count because another one has their writer and seq, and says something else
--   larger_parts            operations of which a part is larger than its whole
--   operations              operations that say a whole of which there are parts
--   latencies, largest_ms   how many latencies of turns are known, and the largest of them
--   unknown_lines           lines with a value that is read as unknown
--   misspelt_field          a field that no event has and that is likely meant to be another one
-- Reads: turns, operations, events, stored_events, superseded_events and deleted_events (segment, row). Bound: $misspelt_field.
WITH
repeated AS (
    SELECT call_id, turn FROM turns WHERE turn IS NOT NULL GROUP BY call_id, turn HAVING count(*) > 1
),
lost AS (
    SELECT stored.line_key
    FROM stored_events AS stored
    SEMI JOIN superseded_events AS superseded ON superseded.segment = stored.segment AND superseded.row = stored.row
    JOIN events AS counted ON counted.line_key = stored.line_key AND counted.call_id = stored.call_id
    WHERE counted.line_hash <> stored.line_hash
),
parts AS (
    SELECT
        count(*) AS operations,
        count(*) FILTER (
            coalesce(cached_input_tokens, 0) + coalesce(cache_write_tokens, 0) + coalesce(input_audio_tokens, 0)
                - coalesce(cached_input_audio_tokens, 0) > input_tokens
            OR output_audio_tokens > output_tokens OR cached_input_audio_tokens > cached_input_tokens
            OR cached_input_audio_tokens > input_audio_tokens) AS larger_parts
    FROM operations
    WHERE input_tokens IS NOT NULL OR output_tokens IS NOT NULL
),
latency AS (
    SELECT
        count(eou_latency_ms) + count(stt_ttfb_ms) + count(llm_ttft_ms) + count(llm_latency_ms) + count(tts_ttfb_ms)
            + count(realtime_ttfb_ms) AS latencies,
        greatest(
            max(eou_latency_ms), max(stt_ttfb_ms), max(llm_ttft_ms), max(llm_latency_ms), max(tts_ttfb_ms), max(realtime_ttfb_ms)
        ) AS largest_ms
    FROM turns
)
SELECT
    (SELECT count(*) FROM repeated) AS repeated_turns,
    (SELECT min({'call_id': call_id, 'turn': turn}) FROM repeated) AS first_repeated,
    (SELECT count(*) FROM lost) AS lost_lines,
    (SELECT larger_parts FROM parts) AS larger_parts,
    (SELECT operations FROM parts) AS operations,
    (SELECT latencies FROM latency) AS latencies,
    (SELECT largest_ms FROM latency) AS largest_ms,
    (
        SELECT count(*) FROM stored_events AS stored
        ANTI JOIN deleted_events AS deleted ON deleted.segment = stored.segment AND deleted.row = stored.row
        WHERE stored.unknown_values_line IS NOT NULL
    ) AS unknown_lines,
    CAST($misspelt_field AS VARCHAR) AS misspelt_field;
