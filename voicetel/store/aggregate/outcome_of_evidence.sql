-- outcome_of_evidence: one row per evidence hash.
--   evidence_hash, outcome, outcome_confidence (0 to 1), outcome_reason, outcome_source, answered
-- Bound: lists of one length: $hashes, $outcomes, $confidences, $reasons, $sources, $answered.
CREATE OR REPLACE TABLE outcome_of_evidence AS
SELECT
    CAST(unnest($hashes) AS UBIGINT) AS evidence_hash, unnest($outcomes) AS outcome,
    CAST(unnest($confidences) AS DECIMAL(9, 6)) AS outcome_confidence,
    unnest($reasons) AS outcome_reason, unnest($sources) AS outcome_source, unnest($answered) AS answered;
