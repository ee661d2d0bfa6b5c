-- judged_calls: one row per selected call, with the verdict on its kind of evidence and the number of its group.
--   … the columns of selected_calls, those of the outcome replaced by the verdict's:
--   outcome, outcome_confidence (0 to 1), outcome_reason, outcome_source, answered
--   part       number of the group, from 0, in the order of the groups' values
--   key        the group's values, as text
-- Reads: selected_calls, evidence, verdicts (one row per kind of evidence). What stands in braces: part and key.
CREATE OR REPLACE TEMP TABLE judged_calls AS
SELECT *, {part} AS part, {key} AS key
FROM (
    SELECT
        selected_calls.* EXCLUDE (outcome, outcome_confidence, outcome_reason),
        verdicts.outcome,
        verdicts.outcome_confidence,
        CASE WHEN verdicts.outcome_source = 'logged' THEN coalesce(selected_calls.outcome_reason, verdicts.outcome_reason)
            ELSE verdicts.outcome_reason END AS outcome_reason,
        verdicts.outcome_source,
        verdicts.answered
    FROM selected_calls
    JOIN evidence USING (call_id)
    JOIN verdicts USING (kind));
