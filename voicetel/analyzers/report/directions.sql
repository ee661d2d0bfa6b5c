-- One row per direction, the one with the most calls first.
--   direction
--   calls, answered, success, transferred      transferred counts answered calls alone
-- Reads: selected_calls.
SELECT
    direction,
    count(*) AS calls,
    count(*) FILTER (answered) AS answered,
    count(*) FILTER (outcome = 'success') AS success,
    count(*) FILTER (answered AND end_reason = 'transfer') AS transferred
FROM selected_calls
GROUP BY direction
ORDER BY calls DESC, direction NULLS LAST;
