-- One row per group, and one over all calls (group_id NULL).
--   calls         all of them
--   timed_calls   those whose length is known and above 0
-- Reads: selected_calls.
SELECT group_id, count(*) AS calls, count(*) FILTER (duration_s > 0) AS timed_calls
FROM selected_calls
GROUP BY GROUPING SETS ((group_id), ());
