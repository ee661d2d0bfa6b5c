-- One row per sampled call, in their order: what tools did in it.
--   tool_calls   how often they were called
--   tool_errors  of them, those that failed
-- Reads: sample_calls, selected_operations. Bound: $name, the tool; NULL: every tool.
SELECT coalesce(tool_calls, 0) AS tool_calls, coalesce(tool_errors, 0) AS tool_errors
FROM sample_calls LEFT JOIN (
    SELECT call_id, count(*) AS tool_calls, count(*) FILTER (status = 'error') AS tool_errors
    FROM selected_operations
    WHERE stage = 'tool' AND (CAST($name AS VARCHAR) IS NULL OR name = $name)
    GROUP BY call_id
) USING (call_id)
ORDER BY number;
