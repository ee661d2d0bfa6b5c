-- call_places: one row per selected call.
--   call_id
--   place     from 0, group by group and oldest first
-- Reads: selected_calls.
CREATE OR REPLACE TEMP TABLE call_places AS
SELECT call_id, row_number() OVER (ORDER BY group_id, started_at, call_id) - 1 AS place
FROM selected_calls;
