-- One row per sampled call, in their order: whether it came to a state of the dialogue, and ended there as `voicetel dropoff` counts it.
--   reached, dropoffs   1 or 0
-- Reads: sample_calls, state_steps. Bound: $name, the state; NULL: any state.
SELECT CAST(reached IS NOT NULL AS BIGINT) AS reached, CAST(coalesce(is_dropoff, false) AS BIGINT) AS dropoffs
FROM sample_calls LEFT JOIN (
    SELECT call_id, true AS reached, bool_or(is_last AND is_hangup AND NOT is_success) AS is_dropoff
    FROM state_steps
    WHERE CAST($name AS VARCHAR) IS NULL OR state_id = $name
    GROUP BY call_id
) USING (call_id)
ORDER BY number;
