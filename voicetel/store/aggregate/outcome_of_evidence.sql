-- outcome_of_evidence: one row per kind of evidence.
--   kind, outcome, outcome_confidence (0 to 1), outcome_reason, outcome_source, answered
-- Bound: lists of one length: $kinds, $outcomes, $confidences, $reasons, $sources, $answered.
CREATE OR REPLACE TABLE outcome_of_evidence AS
SELECT
    CAST(unnest($kinds) AS UBIGINT) AS kind, unnest($outcomes) AS outcome,
    CAST(unnest($confidences) AS DECIMAL(9, 6)) AS outcome_confidence,
    unnest($reasons) AS outcome_reason, unnest($sources) AS outcome_source, unnest($answered) AS answered;
