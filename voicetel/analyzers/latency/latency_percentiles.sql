-- One row per group, latency and share, or, without $by_group, one per latency and share over all groups (group_id NULL): where the
-- percentile lies.
--   group_id, latency, share
--   low, high   the two values between which it lies, in ms; the same where it is one of them
--   weight      how far it is from low to high, 0 to 1
-- Of the values only those of the few whole ms in which a percentile lies are looked at: a list of all of them, as quantile_cont
-- makes it, needs memory that grows with the logs, and longer.
-- Reads: latency_counts, latency_values. Bound: $shares, from 0 to 1; $by_group.
WITH
counted AS (
    SELECT CASE WHEN $by_group THEN group_id END AS group_id, latency, whole_ms, sum(n) AS n
    FROM latency_counts
    GROUP BY ALL
),
ranked AS (
    SELECT
        *,
        sum(n) OVER (PARTITION BY group_id, latency ORDER BY whole_ms) AS last_rank,
        sum(n) OVER (PARTITION BY group_id, latency) AS total
    FROM counted
),
wanted_rank AS (
    SELECT
        group_id, latency, share, rank - floor(rank) AS weight,
        unnest([CAST(floor(rank) AS BIGINT), CAST(ceil(rank) AS BIGINT)]) AS rank
    FROM (
        SELECT group_id, latency, share, (total - 1) * share AS rank
        FROM (SELECT DISTINCT group_id, latency, total FROM ranked), (SELECT unnest($shares) AS share))
),
wanted AS (
    SELECT wanted_rank.*, whole_ms, rank - (last_rank - n) AS rank_in_ms
    FROM wanted_rank
    JOIN ranked ON
        wanted_rank.group_id IS NOT DISTINCT FROM ranked.group_id
        AND wanted_rank.latency = ranked.latency
        AND rank >= last_rank - n AND rank < last_rank
),
value AS (
    SELECT group_id, latency, whole_ms, ms, count(*) AS n
    FROM (
        SELECT CASE WHEN $by_group THEN group_id END AS group_id, latency, CAST(floor(ms) AS INTEGER) AS whole_ms, ms
        FROM latency_values) AS exact
    SEMI JOIN wanted ON
        exact.group_id IS NOT DISTINCT FROM wanted.group_id
        AND exact.latency = wanted.latency
        AND exact.whole_ms = wanted.whole_ms
    GROUP BY ALL
),
ordered AS (
    SELECT *, sum(n) OVER (PARTITION BY group_id, latency, whole_ms ORDER BY ms) AS last_rank FROM value
)
SELECT group_id, latency, share, CAST(min(ms) AS DOUBLE) AS low, CAST(max(ms) AS DOUBLE) AS high, any_value(weight) AS weight
FROM (
    SELECT wanted.group_id, wanted.latency, share, weight, ms
    FROM wanted
    JOIN ordered ON
        wanted.group_id IS NOT DISTINCT FROM ordered.group_id
        AND wanted.latency = ordered.latency
        AND wanted.whole_ms = ordered.whole_ms
        AND rank_in_ms >= ordered.last_rank - ordered.n AND rank_in_ms < ordered.last_rank)
GROUP BY group_id, latency, share
ORDER BY group_id, latency, share;
