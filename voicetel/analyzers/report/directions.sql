-- One row per direction, the one with the most calls first.
--   direction
--   calls, answered
--   success            NULL: of none that was answered it is known how it ended
--   transferred        answered calls that were passed on; NULL: none says how it ended
-- Reads: selected_calls; the macro count_if_known.
SELECT
    direction,
    count(*) AS calls,
    count(*) FILTER (answered) AS answered,
    count_if_known(outcome = 'success', answered, outcome <> 'unknown') AS success,
    count_if_known(answered AND transferred, answered, transferred IS NOT NULL) AS transferred
FROM selected_calls
GROUP BY direction
ORDER BY calls DESC, direction NULLS LAST;
