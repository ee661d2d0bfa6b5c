-- One row per minute of a period in which a turn with a known response began, the oldest first.
--   minutes_ago    whole minutes from the turn to the end of the period
--   n, p50, p95    turns, and their responses in ms
-- Reads: period_turns. Bound: $at, UTC, the end of the period.
SELECT
    CAST(floor(epoch(CAST($at AS TIMESTAMP) - ts) / 60) AS INTEGER) AS minutes_ago,
    count(*) AS n,
    round(percentile_cont(0.5) WITHIN GROUP (ORDER BY CAST(eou_latency_ms AS DOUBLE)), 6) AS p50,
    round(percentile_cont(0.95) WITHIN GROUP (ORDER BY CAST(eou_latency_ms AS DOUBLE)), 6) AS p95
FROM period_turns
WHERE eou_latency_ms IS NOT NULL
GROUP BY minutes_ago
ORDER BY minutes_ago DESC;
