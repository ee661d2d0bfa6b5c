-- One row per group, and one over all groups (group_id NULL): how its calls were handled.
--   calls
--   handled               calls that were answered and have ended
--   transferred           of them, those with a mark `transfer` or the end_reason `transfer`
--   transfer_known        of them, those that say whether they were transferred: such a mark, or any end_reason
--   timeouts, reasons     ended calls with the end_reason `timeout`, and with any
--   no_inputs, no_input_calls, unheard, unheard_calls
--                         marks of these kinds, and calls that have any
-- Reads: selected_calls.
WITH call AS (
    SELECT
        group_id, no_inputs, unheard, end_reason, ended,
        answered AND ended AS is_handled,
        coalesce(list_contains(marks, 'transfer'), false) OR coalesce(end_reason = 'transfer', false) AS is_transferred
    FROM selected_calls
)
SELECT
    group_id,
    count(*) AS calls,
    count(*) FILTER (is_handled) AS handled,
    count(*) FILTER (is_handled AND is_transferred) AS transferred,
    count(*) FILTER (is_handled AND (is_transferred OR end_reason IS NOT NULL)) AS transfer_known,
    count(*) FILTER (ended AND end_reason = 'timeout') AS timeouts,
    count(*) FILTER (ended AND end_reason IS NOT NULL) AS reasons,
    sum(no_inputs) AS no_inputs,
    count(*) FILTER (no_inputs > 0) AS no_input_calls,
    sum(unheard) AS unheard,
    count(*) FILTER (unheard > 0) AS unheard_calls
FROM call
GROUP BY GROUPING SETS ((group_id), ());
