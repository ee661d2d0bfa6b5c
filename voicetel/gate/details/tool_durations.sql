-- One row per tool call that `voicetel tools` knows the length of.
--   number       of its call: as in sample_calls, from $first on
--   duration_ms  in thousandths of a ms
-- Reads: sample_calls, selected_operations; the macro is_possible_duration of select_calls.py. Bound: $name, the tool (NULL: every tool), and $first.
SELECT CAST(number + $first AS INTEGER) AS number, CAST(CAST(duration_ms AS DECIMAL(18, 3)) * 1000 AS BIGINT) AS duration_ms
FROM sample_calls JOIN selected_operations USING (call_id)
WHERE
    stage = 'tool' AND status IS DISTINCT FROM 'cancelled' AND is_possible_duration(duration_ms)
    AND (CAST($name AS VARCHAR) IS NULL OR name = $name);
