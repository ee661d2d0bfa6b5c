-- verdicts_of_calls: one row per selected call, with the verdict on its kind of evidence.
--   … the columns of selected_calls, those of the outcome replaced by the verdict's:
--   outcome, outcome_confidence (0 to 1), outcome_reason, outcome_source, answered
-- Bound: lists of one length: $kinds, $outcomes, $confidences, $reasons, $sources, $answered.
CREATE OR REPLACE TEMP TABLE verdicts_of_calls AS
WITH
verdict AS (
    SELECT
        unnest($kinds) AS kind, unnest($outcomes) AS outcome, CAST(unnest($confidences) AS DECIMAL(9, 6)) AS outcome_confidence,
        unnest($reasons) AS outcome_reason, unnest($sources) AS outcome_source, unnest($answered) AS answered
),
kind AS (
    SELECT * EXCLUDE (outcome, outcome_confidence), kinds.outcome AS logged, kinds.outcome_confidence AS logged_confidence FROM kinds
)
SELECT
    selected_calls.* EXCLUDE (outcome, outcome_confidence, outcome_reason),
    verdict.outcome,
    verdict.outcome_confidence,
    CASE WHEN verdict.outcome_source = 'logged' THEN coalesce(evidence.outcome_reason, verdict.outcome_reason)
        ELSE verdict.outcome_reason END AS outcome_reason,
    verdict.outcome_source,
    verdict.answered
FROM selected_calls
JOIN evidence USING (call_id)
JOIN kind ON
    kind.logged IS NOT DISTINCT FROM evidence.outcome
    AND kind.logged_confidence IS NOT DISTINCT FROM evidence.outcome_confidence
    AND kind.sip_status IS NOT DISTINCT FROM evidence.sip_status
    AND kind.amd IS NOT DISTINCT FROM evidence.amd
    AND kind.final_state IS NOT DISTINCT FROM evidence.final_state
    AND kind.end_reason IS NOT DISTINCT FROM evidence.end_reason
    AND kind.direction IS NOT DISTINCT FROM evidence.direction
    AND kind.marks = evidence.marks
    AND kind.user_turns = evidence.user_turns
    AND kind.brief = evidence.brief
    AND kind.ended = evidence.ended
    AND kind.phrases = evidence.phrases
JOIN verdict ON verdict.kind = kind.kind;
