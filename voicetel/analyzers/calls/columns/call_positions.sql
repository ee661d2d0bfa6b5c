-- call_positions: one row per selected call.
--   call_id
--   position     from 0, group by group and oldest first
-- Reads: selected_calls.
CREATE OR REPLACE TEMP TABLE call_positions AS
SELECT call_id, row_number() OVER (ORDER BY group_id, started_at, call_id) - 1 AS position
FROM selected_calls;
