-- The rows of `calls` of $segment: `made_calls`, each with the outcome of its kind of evidence. A logged outcome keeps the reason
-- that was logged.
SELECT
    CAST($segment AS INTEGER) AS segment,
    made_calls.*, outcome_of_evidence.* EXCLUDE (kind) REPLACE (
        CASE WHEN outcome_source = 'logged' THEN coalesce(logged_reason, outcome_reason) ELSE outcome_reason END AS outcome_reason)
FROM made_calls
JOIN (SELECT call_id, kind FROM evidence) AS evidence USING (call_id)
JOIN outcome_of_evidence USING (kind)
