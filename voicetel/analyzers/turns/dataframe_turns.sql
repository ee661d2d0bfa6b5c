-- One row per turn of the selected calls: what `voicetel.load(…).turns()` gives.
--   the columns of turns (see there) without what identifies a line
--   position       its place in the call, from 1
--   agent_spans    as DOUBLE
--   operations     how many calls to providers it took
-- Reads: selected_turns, selected_calls.
SELECT
    call_id, turn,
    row_number() OVER (PARTITION BY call_id ORDER BY turn_order(numbered, turn, ts), turn, line_key) AS position,
    * EXCLUDE (stream_id, line_key, call_id, turn, group_id, operation_count, numbered)
        REPLACE (CAST(agent_spans AS DOUBLE[][]) AS agent_spans),
    CAST(operation_count AS BIGINT) AS operations
FROM selected_turns JOIN (SELECT call_id, numbered FROM selected_calls) USING (call_id)
ORDER BY call_id, position;
