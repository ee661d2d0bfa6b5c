-- One row per group and outcome, and one per outcome over all groups (part NULL).
--   part             number of the group
--   outcome
--   calls            calls that ended so
--   confidence_sum   of those verdicts, 0 to 1 each
--   answered         calls among them that were answered
SELECT
    part, outcome, count(*) AS calls, sum(outcome_confidence) AS confidence_sum, count(*) FILTER (answered) AS answered
FROM {selected_calls}
{groups: outcome};
