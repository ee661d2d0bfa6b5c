-- undecided: one row per filtered call with turns that the rules leave unknown, or are less sure of than $below_confidence. A logged
-- outcome stands, and a call in progress is not classified yet.
--   call_id, started_at, final_state, user_turns, numbered
--   outcome, confidence, reason, source           the rules' verdict
-- Reads: filtered_calls. Bound: $below_confidence, a confidence from 0 to 1.
CREATE OR REPLACE TEMP TABLE undecided AS
SELECT
    call_id, started_at, final_state, user_turns, numbered,
    outcome, CAST(outcome_confidence AS DOUBLE) AS confidence, outcome_reason AS reason, outcome_source AS source
FROM filtered_calls
WHERE outcome_source <> 'logged'
    AND (outcome = 'unknown' OR outcome_confidence < $below_confidence)
    AND turns > 0 AND state <> 'in_progress';
