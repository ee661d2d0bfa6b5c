-- tool_latencies: one row per call of a tool whose length is known and that was not cancelled.
--   group_id
--   ms              how long it took; NULL: what is logged is impossible, and is excluded
-- Reads: selected_operations; the macro is_possible_duration of select_calls.py.
CREATE OR REPLACE TEMP TABLE tool_latencies AS
SELECT group_id, CASE WHEN is_possible_duration(duration_ms) THEN CAST(duration_ms AS DECIMAL(9, 3)) END AS ms
FROM selected_operations
WHERE stage = 'tool' AND status IS DISTINCT FROM 'cancelled' AND duration_ms IS NOT NULL
