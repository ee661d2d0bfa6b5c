-- One row per call of ids_at_once, in its order: how it ended, and its sentiment.
--   answered   it counts as answered
-- Reads: ids_at_once, selected_calls.
SELECT
    outcome, CAST(outcome_confidence AS DOUBLE) AS outcome_confidence, outcome_reason, outcome_source,
    CAST(sentiment AS DOUBLE) AS sentiment, answered
FROM ids_at_once JOIN selected_calls USING (call_id)
ORDER BY position;
