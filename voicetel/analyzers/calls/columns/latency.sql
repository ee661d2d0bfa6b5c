-- One row per call of call_batch, in its order: the statistics of its latencies, as call_latency has them.
-- Reads: call_batch, call_latency.
SELECT call_latency.* EXCLUDE (call_id)
FROM call_batch LEFT JOIN call_latency USING (call_id)
ORDER BY position;
