-- One row per group, and one over all groups (group_id NULL): what happened after the caller began to speak.
--   n … max                      of overrun_us in ms
--   played_turns                 turns whose played and made audio are known, with the sums of both
-- Reads: interrupted_turns.
SELECT
    group_id,
    count(overrun_us) AS n,
    sum(overrun_us) / 1000 AS sum,
    min(overrun_us) / 1000 AS min,
    quantile_cont(overrun_us / 1000, [0.5, 0.9, 0.95, 0.99]) AS percentiles,
    max(overrun_us) / 1000 AS max,
    count(played_us) AS played_turns,
    sum(played_us) AS played_us,
    sum(made_us) AS made_us
FROM interrupted_turns
GROUP BY GROUPING SETS ((group_id), ());
