-- One row per sampled call, in their order: whether it came to a state of the dialogue, and ended there as `voicetel dropoff` counts it.
--   reached, dropoffs   1 or 0
--   ended_there         1 where the call ended there
--   explained_ends      1 where it says why, too
-- Reads: sample_calls, state_steps. Bound: $name, the state; NULL: any state.
SELECT
    CAST(reached IS NOT NULL AS BIGINT) AS reached,
    CAST(coalesce(is_dropoff, false) AS BIGINT) AS dropoffs,
    CAST(coalesce(ended_there, false) AS BIGINT) AS ended_there,
    CAST(coalesce(says_why, false) AS BIGINT) AS explained_ends
FROM sample_calls LEFT JOIN (
    SELECT
        call_id, true AS reached, bool_or(is_last AND is_hangup AND NOT is_success) AS is_dropoff,
        bool_or(is_last) AS ended_there, bool_or(is_last AND has_reason) AS says_why
    FROM state_steps
    WHERE CAST($name AS VARCHAR) IS NULL OR state_id = $name
    GROUP BY call_id
) USING (call_id)
ORDER BY number;
