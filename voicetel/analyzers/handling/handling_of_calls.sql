-- One row per group, and one over all groups (group_id NULL): how its calls were handled.
--   calls
--   handled               calls that were answered and have ended
--   transferred           of them, those that were transferred
--   transfer_known        of them, those that say whether they were
--   timeouts, calls_with_reason
--                         ended calls with the end_reason `timeout`, and with any
--   no_inputs, no_input_calls, unheard, unheard_calls
--                         marks of these kinds, and calls that have any
-- Reads: selected_calls.
WITH call AS (
    SELECT
        group_id, no_inputs, unheard, end_reason, ended, transferred, answered AND ended AS is_handled
    FROM selected_calls
)
SELECT
    group_id,
    count(*) AS calls,
    count(*) FILTER (is_handled) AS handled,
    count(*) FILTER (is_handled AND transferred) AS transferred,
    count(*) FILTER (is_handled AND transferred IS NOT NULL) AS transfer_known,
    count(*) FILTER (ended AND end_reason = 'timeout') AS timeouts,
    count(*) FILTER (ended AND end_reason IS NOT NULL) AS calls_with_reason,
    sum(no_inputs) AS no_inputs,
    count(*) FILTER (no_inputs > 0) AS no_input_calls,
    sum(unheard) AS unheard,
    count(*) FILTER (unheard > 0) AS unheard_calls
FROM call
GROUP BY GROUPING SETS ((group_id), ());
