-- Gives calls of filtered_calls the outcomes of a language model in place of the rules'.
-- Bound: lists of one length: $calls, $outcomes, $confidences, $reasons, $sources, $answered.
UPDATE materialized_filtered_calls
SET
    outcome = classified.outcome, outcome_confidence = classified.outcome_confidence, outcome_reason = classified.outcome_reason,
    outcome_source = classified.outcome_source, answered = classified.answered
FROM (
    SELECT
        unnest($calls) AS call_id, unnest($outcomes) AS outcome, CAST(unnest($confidences) AS DECIMAL(9, 6)) AS outcome_confidence,
        unnest($reasons) AS outcome_reason, unnest($sources) AS outcome_source, unnest($answered) AS answered
) AS classified
WHERE materialized_filtered_calls.call_id = classified.call_id;
