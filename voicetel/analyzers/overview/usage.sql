-- One row per group, and one over all groups (group_id NULL): the sums of logged_usage, with the columns of its rows. NULL: never logged.
-- Reads: logged_usage.
SELECT group_id, sum(COLUMNS(* EXCLUDE (call_id, group_id))) AS '\0'
FROM logged_usage
GROUP BY GROUPING SETS ((group_id), ());
