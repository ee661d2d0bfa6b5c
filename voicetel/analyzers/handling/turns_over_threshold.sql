-- One row per group and threshold, and one per threshold over all groups (group_id NULL).
--   over       the threshold, as it was asked for
--   n          turns whose response latency is known
--   turns      of them, those whose response took longer than the threshold
-- Reads: latency_values. Bound: $thresholds, in ms, as text with at most three decimals.
WITH threshold AS (
    SELECT over, CAST(over AS DECIMAL(9, 3)) AS threshold_ms FROM (SELECT unnest(CAST($thresholds AS VARCHAR[])) AS over)
)
SELECT group_id, over, count(*) AS n, count(*) FILTER (ms > threshold_ms) AS turns
FROM (SELECT group_id, ms FROM latency_values WHERE latency = 'eou_latency_ms'), threshold
GROUP BY GROUPING SETS ((group_id, over), (over));
