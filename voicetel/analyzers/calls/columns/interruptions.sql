-- One row per call of call_batch, in its order.
--   interruption_count, interruption_rate   NULL: nothing of the call says whether the agent was stopped
-- Reads: call_batch, call_interruptions.
SELECT
    CAST(interruption_count AS BIGINT) AS interruption_count,
    CASE WHEN agent_turns > 0 THEN interruption_count / agent_turns END AS interruption_rate
FROM call_batch JOIN call_interruptions USING (call_id)
ORDER BY position;
