-- One row per group and outcome, and one per outcome over all groups (group_id NULL).
--   group_id
--   outcome
--   calls            calls that ended so
--   confidence_sum   of those outcomes, 0 to 1 each
--   answered         calls among them that were answered
-- Reads: selected_calls.
SELECT
    group_id, outcome, count(*) AS calls, sum(outcome_confidence) AS confidence_sum, count(*) FILTER (answered) AS answered
FROM selected_calls
GROUP BY GROUPING SETS ((group_id, outcome), (outcome));
