-- Gives calls of filtered_calls other verdicts than the rules'.
-- Bound: lists of one length: $calls, $outcomes, $confidences, $reasons, $sources, $answered.
UPDATE materialized_filtered_calls
SET
    outcome = told.outcome, outcome_confidence = told.outcome_confidence, outcome_reason = told.outcome_reason,
    outcome_source = told.outcome_source, answered = told.answered
FROM (
    SELECT
        unnest($calls) AS call_id, unnest($outcomes) AS outcome, CAST(unnest($confidences) AS DECIMAL(9, 6)) AS outcome_confidence,
        unnest($reasons) AS outcome_reason, unnest($sources) AS outcome_source, unnest($answered) AS answered
) AS told
WHERE materialized_filtered_calls.call_id = told.call_id;
