-- One row per call that is shown, the $limit with the slowest turns.
--   call_id
-- Reads: selected_calls, selected_turns. Bound: $limit.
SELECT call_id
FROM selected_calls
LEFT JOIN (SELECT call_id, max(eou_latency_ms) AS slowest_ms FROM selected_turns GROUP BY call_id) USING (call_id)
ORDER BY slowest_ms DESC NULLS LAST, started_at, call_id
LIMIT $limit;
