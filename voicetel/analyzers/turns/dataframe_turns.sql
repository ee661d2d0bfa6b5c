-- One row per turn of the selected calls: what `voicetel.load(…).turns()` gives.
--   the columns of turns (see there) without what identifies a line
--   agent_spans    as DOUBLE
--   operations     how many calls to providers it took
-- Reads: selected_turns.
SELECT
    * EXCLUDE (source, line_key, group_id, operation_count)
        REPLACE (CAST(agent_spans AS DOUBLE[][]) AS agent_spans),
    CAST(operation_count AS BIGINT) AS operations
FROM selected_turns
ORDER BY call_id, position;
