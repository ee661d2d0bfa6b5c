-- One row per group, and one over all groups (part NULL): for each latency in ms n, sum, min, max and percentiles.
--   <name>_n, <name>_sum (exact), <name>_min, <name>_max
--   <name>_p   [p50, p90, p95, p99], interpolated linearly; NULL where n is 0
--   <name>_impossible   values that were excluded
-- What stands in braces: figures, for each latency the columns above.
SELECT {part} AS part, count(*) AS turns, {figures}
FROM {turns}
{groups};
