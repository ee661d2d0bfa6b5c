-- histogram_bounds: one row per latency of which there is a histogram: where its first bucket begins and how wide each is, in ms.
-- Reads: value_counts. Bound: lists of one length: $latencies, $low_ms, $step_ms.
CREATE OR REPLACE TEMP TABLE histogram_bounds AS
SELECT measure, low_ms, step_ms
FROM (SELECT DISTINCT measure FROM value_counts)
JOIN (SELECT unnest($latencies) AS name, unnest($low_ms) AS low_ms, unnest($step_ms) AS step_ms) ON CAST(measure AS VARCHAR) = name;
