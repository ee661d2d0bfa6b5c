-- The latencies of some of the selected calls: one row per call that has turns.
--   call_id
--   for each latency in ms <name>_n, _avg, _min, _p (p50 and p95, interpolated linearly), _max
-- Bound: $chunk of $chunks. What stands in braces: figures, the columns above.
SELECT call_id, {figures}
FROM turns JOIN selected_calls USING (call_id)
WHERE hash(call_id) % $chunks = $chunk
GROUP BY call_id
