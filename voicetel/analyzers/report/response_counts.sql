-- One row per whole ms that has responses: how many lie there.
--   whole_ms, n
-- Reads: response_turns.
SELECT CAST(floor(ms) AS INTEGER) AS whole_ms, count(*) AS n
FROM response_turns
GROUP BY whole_ms
ORDER BY whole_ms;
