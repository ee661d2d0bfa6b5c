-- One row per call of ids_at_once, in its order: the statistics of its latencies, as call_latency has them.
-- Reads: ids_at_once, call_latency.
SELECT call_latency.* EXCLUDE (call_id)
FROM ids_at_once LEFT JOIN call_latency USING (call_id)
ORDER BY position;
