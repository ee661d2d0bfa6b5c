-- One row per reason that ended calls, the most frequent first.
--   end_reason, calls
-- Reads: selected_calls.
SELECT end_reason, count(*) AS calls
FROM selected_calls
GROUP BY end_reason
ORDER BY calls DESC, end_reason NULLS LAST;
