-- One row per group and bound, and one per bound over all groups (group_id NULL).
--   above_ms
--   turns      turns whose response took longer
--   n          turns whose response is known
-- Reads: response_turns. Bound: $bounds.
SELECT group_id, above_ms, count(*) FILTER (ms > above_ms) AS turns, count(*) AS n
FROM response_turns, (SELECT unnest($bounds) AS above_ms)
GROUP BY GROUPING SETS ((group_id, above_ms), (above_ms))
ORDER BY group_id NULLS FIRST, above_ms;
