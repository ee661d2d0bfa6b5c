-- One row per call to a provider of the selected calls: what `voicetel.load(…).operations()` gives.
--   the columns of operations (see there) without what identifies a line
-- Reads: operations, selected_calls.
SELECT * EXCLUDE (stream_id, line_key) REPLACE (CAST(event AS VARCHAR) AS event)
FROM operations SEMI JOIN selected_calls USING (call_id)
ORDER BY call_id, ts, line_key, operation;
