-- One row per day, per hour, and per position in the call.
--   kind           day, hour or position
--   bucket         2026-11-02, 2026-11-02 09:00, 1 … 12
--   n              turns whose response is known
--   percentiles    [p50, p95] in ms, interpolated linearly
--   slow           turns above $slow_ms
-- Reads: response_turns. Bound: $slow_ms.
SELECT
    CASE WHEN hour IS NOT NULL THEN 'hour' WHEN day IS NOT NULL THEN 'day' ELSE 'position' END AS kind,
    coalesce(strftime(hour, '%Y-%m-%d %H:00'), strftime(day, '%Y-%m-%d'), CAST(position AS VARCHAR)) AS bucket,
    count(*) AS n,
    quantile_cont(ms, [0.5, 0.95]) AS percentiles,
    count(*) FILTER (ms > $slow_ms) AS slow
FROM (SELECT CAST(hour AS DATE) AS day, hour, position, ms FROM response_turns)
GROUP BY GROUPING SETS ((day), (hour), (position))
ORDER BY kind, hour, day, position;
