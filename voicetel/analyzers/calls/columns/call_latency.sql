-- call_latency: the latencies of calls, one row each.
--   call_id
--   for each latency in ms: <name>_n, _avg, _min, _max, _p50, _p95 (interpolated linearly)
-- Reads: call_batch, turn_latencies.
CREATE OR REPLACE TEMP TABLE call_latency AS
WITH
measured AS (
    SELECT
        call_id,
        count(COLUMNS(latency.* EXCLUDE (call_id))) AS '\0_n',
        round(CAST(sum(COLUMNS(latency.* EXCLUDE (call_id))) AS DOUBLE) / count(COLUMNS(latency.* EXCLUDE (call_id))), 6) AS '\0_avg',
        CAST(min(COLUMNS(latency.* EXCLUDE (call_id))) AS DOUBLE) AS '\0_min',
        CAST(max(COLUMNS(latency.* EXCLUDE (call_id))) AS DOUBLE) AS '\0_max',
        quantile_cont(CAST(COLUMNS(latency.* EXCLUDE (call_id)) AS DOUBLE), [0.5, 0.95]) AS '\0_percentiles'
    FROM (SELECT call_id FROM call_batch)
    LEFT JOIN (SELECT * EXCLUDE (group_id, impossible) FROM turn_latencies) AS latency USING (call_id)
    GROUP BY call_id
)
SELECT
    COLUMNS(lambda name: name NOT LIKE '%\_percentiles' ESCAPE '\'),
    round(COLUMNS('(.*)_percentiles')[1], 6) AS '\1_p50',
    round(COLUMNS('(.*)_percentiles')[2], 6) AS '\1_p95'
FROM measured;
