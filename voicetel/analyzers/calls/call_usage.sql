-- call_usage: one row per selected call that used something: the sums of its rows of logged_usage, with the columns of these.
-- Reads: logged_usage.
CREATE OR REPLACE TEMP VIEW call_usage AS
SELECT call_id, sum(COLUMNS(* EXCLUDE (call_id, group_id))) AS '\0'
FROM logged_usage
GROUP BY call_id;
