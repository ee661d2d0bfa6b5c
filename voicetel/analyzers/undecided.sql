-- undecided: one row per selected call with turns that the rules leave unknown, or are less sure of than $below. A logged
-- outcome stands, and a call in progress is not judged yet.
--   call_id, started_at, final_state
--   user_turns                                    of its evidence
--   outcome, confidence, reason, source           the rules' verdict
-- Bound: $below, a confidence from 0 to 1.
CREATE OR REPLACE TEMP TABLE undecided AS
SELECT
    call_id, selected_calls.started_at, selected_calls.final_state, evidence.user_turns,
    verdicts.outcome, CAST(verdicts.outcome_confidence AS DOUBLE) AS confidence,
    verdicts.outcome_reason AS reason, verdicts.outcome_source AS source
FROM evidence
JOIN verdicts USING (kind)
JOIN selected_calls USING (call_id)
WHERE verdicts.outcome_source <> 'logged'
    AND (verdicts.outcome = 'unknown' OR verdicts.outcome_confidence < $below)
    AND selected_calls.turns > 0 AND selected_calls.state <> 'in_progress';
