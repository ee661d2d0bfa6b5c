-- One row per call of call_batch, in its order: how it ended, and its sentiment.
--   answered   it counts as answered
-- Reads: call_batch, selected_calls.
SELECT
    outcome, CAST(outcome_confidence AS DOUBLE) AS outcome_confidence, outcome_reason, outcome_source,
    CAST(sentiment AS DOUBLE) AS sentiment, answered
FROM call_batch JOIN selected_calls USING (call_id)
ORDER BY position;
