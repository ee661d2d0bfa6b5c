-- One row per tool call whose length is known and possible, but for those that were cancelled.
--   group_id
--   measure    name of the tool behind an equals sign; empty: not logged
--   ms
-- Reads: tool_requests; the macro is_possible_duration of select_calls.py.
SELECT group_id, coalesce('=' || name, '') AS measure, CAST(duration_ms AS DECIMAL(18, 3)) AS ms
FROM tool_requests
WHERE status IS DISTINCT FROM 'cancelled' AND is_possible_duration(duration_ms)
