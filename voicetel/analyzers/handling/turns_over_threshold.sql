-- One row per group and threshold, and one per threshold over all groups (group_id NULL).
--   threshold   the threshold, as it was asked for
--   n           turns whose response latency is known
--   turns       of them, those whose response took longer than the threshold
-- Reads: latency_values. Bound: $thresholds, in ms, as text with at most three decimals.
WITH threshold AS (
    SELECT threshold, CAST(threshold AS DECIMAL(9, 3)) AS threshold_ms FROM (SELECT unnest(CAST($thresholds AS VARCHAR[])) AS threshold)
)
SELECT group_id, threshold, count(*) AS n, count(*) FILTER (ms > threshold_ms) AS turns
FROM (SELECT group_id, ms FROM latency_values WHERE latency = 'eou_latency_ms'), threshold
GROUP BY GROUPING SETS ((group_id, threshold), (threshold));
