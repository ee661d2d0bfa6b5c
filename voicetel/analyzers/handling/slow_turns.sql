-- One row per group and line, and one per line over all groups (group_id NULL).
--   over       the line, as it was asked for
--   n          turns whose response latency is known
--   turns      of them, those whose response took longer than the line
-- Reads: latency_values. Bound: $lines, in ms, as text with at most three decimals.
WITH line AS (
    SELECT over, CAST(over AS DECIMAL(9, 3)) AS line_ms FROM (SELECT unnest(CAST($lines AS VARCHAR[])) AS over)
)
SELECT group_id, over, count(*) AS n, count(*) FILTER (ms > line_ms) AS turns
FROM (SELECT group_id, ms FROM latency_values WHERE latency = 'eou_latency_ms'), line
GROUP BY GROUPING SETS ((group_id, over), (over));
