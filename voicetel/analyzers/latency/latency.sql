-- One row per group, and one over all groups (part NULL): for each latency in ms n, sum, min and max.
--   <name>_n, <name>_sum (exact), <name>_min, <name>_max
--   <name>_impossible   values that were excluded
-- Reads: measured_turns, one row per turn. What stands in braces: figures, for each latency the columns above.
SELECT {part} AS part, count(*) AS turns, {figures}
FROM measured_turns
{groups};
