-- One row per tool call: the columns of selected_operations that tools are told by.
-- Reads: selected_operations.
SELECT group_id, call_id, name, status, duration_ms
FROM selected_operations
WHERE stage = 'tool'
