-- The rows of `calls` of $segment: `aggregated_calls`, each with the outcome of its evidence. A logged outcome keeps the reason
-- that was logged. In the order of their last events, so that the latest stand together.
SELECT
    CAST($segment AS INTEGER) AS segment,
    aggregated_calls.*, outcome_of_evidence.* EXCLUDE (evidence_hash) REPLACE (
        CASE WHEN outcome_source = 'logged' THEN coalesce(logged_reason, outcome_reason) ELSE outcome_reason END AS outcome_reason)
FROM aggregated_calls
JOIN (SELECT call_id, evidence_hash FROM evidence) AS evidence USING (call_id)
JOIN outcome_of_evidence USING (evidence_hash)
ORDER BY last_event_at, call_id
