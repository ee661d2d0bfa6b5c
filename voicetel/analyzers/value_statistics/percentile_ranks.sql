-- percentile_ranks: one row per group (NULL: all), measure, share and each of the one or two values between which the percentile lies.
--   group_id, measure, share
--   weight                     how far the percentile is from the lower to the higher value, 0 to 1
--   whole_ms, rank_in_whole_ms where the value is: its whole ms, and its place among the values of that ms, from 0
-- Reads: value_counts. Bound: $shares, from 0 to 1; $by_group, whether each group is wanted beside all of them.
CREATE OR REPLACE TEMP TABLE percentile_ranks AS
WITH
counted AS (
    SELECT CAST(NULL AS INTEGER) AS group_id, measure, whole_ms, sum(n) AS n
    FROM value_counts
    GROUP BY measure, whole_ms
    UNION ALL
    SELECT group_id, measure, whole_ms, n FROM value_counts WHERE $by_group
),
ranked AS (
    SELECT
        *,
        sum(n) OVER (PARTITION BY group_id, measure ORDER BY whole_ms) AS next_rank,
        sum(n) OVER (PARTITION BY group_id, measure) AS total
    FROM counted
),
percentile_rank AS (
    SELECT
        group_id, measure, share, rank - floor(rank) AS weight,
        unnest([CAST(floor(rank) AS BIGINT), CAST(ceil(rank) AS BIGINT)]) AS rank
    FROM (
        SELECT group_id, measure, share, (total - 1) * share AS rank
        FROM (SELECT DISTINCT group_id, measure, total FROM ranked), (SELECT unnest($shares) AS share))
)
SELECT percentile_rank.* EXCLUDE (rank), whole_ms, CAST(rank - (next_rank - n) AS BIGINT) AS rank_in_whole_ms
FROM percentile_rank
JOIN ranked ON
    percentile_rank.group_id IS NOT DISTINCT FROM ranked.group_id
    AND percentile_rank.measure = ranked.measure
    AND rank >= next_rank - n AND rank < next_rank;
