-- One row per direction, the one with the most calls first.
--   direction
--   calls, answered
--   success            NULL: of none that was answered it is known how it ended
--   transferred        answered calls with a mark `transfer` or the end_reason `transfer`; NULL: none says how it ended
-- Reads: selected_calls.
SELECT
    direction,
    count(*) AS calls,
    count(*) FILTER (answered) AS answered,
    CASE
        WHEN count(*) FILTER (answered) = 0 OR count(*) FILTER (answered AND outcome <> 'unknown') > 0
        THEN count(*) FILTER (outcome = 'success')
    END AS success,
    CASE
        WHEN count(*) FILTER (answered) = 0 OR count(*) FILTER (answered AND (is_transferred OR end_reason IS NOT NULL)) > 0
        THEN count(*) FILTER (answered AND is_transferred)
    END AS transferred
FROM (
    SELECT
        direction, answered, outcome, end_reason,
        coalesce(list_contains(marks, 'transfer'), false) OR coalesce(end_reason = 'transfer', false) AS is_transferred
    FROM selected_calls
)
GROUP BY direction
ORDER BY calls DESC, direction NULLS LAST;
