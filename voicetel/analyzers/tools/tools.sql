-- One row per group and tool, and one per tool over all groups (group_id NULL).
--   tool         its name; NULL: not logged
--   tool_calls   how often it was called
--   calls        phone calls in which it was
--   errors, cancelled
--                tool calls that failed, and that were cancelled
-- Reads: tool_requests.
SELECT
    group_id, name AS tool,
    count(*) AS tool_calls,
    count(DISTINCT call_id) AS calls,
    count(*) FILTER (status = 'error') AS errors,
    count(*) FILTER (status = 'cancelled') AS cancelled
FROM tool_requests
GROUP BY GROUPING SETS ((group_id, name), (name));
