-- One row per key and share: where the percentile lies.
--   key, share
--   low, high   the two values between which it lies, in ms; the same where it is one of them
--   weight      how far it is from low to high, 0 to 1
-- Values are counted by whole ms, and only those of the few ms in which a percentile lies are looked at: a list of all of them, as
-- quantile_cont makes it, needs memory that grows with the logs, and longer.
-- Bound: $shares, from 0 to 1. What stands in braces: rows, a relation of (key, ms) without NULL.
WITH
counted AS (
    SELECT key, CAST(floor(ms) AS INTEGER) AS whole_ms, count(*) AS n FROM {rows} GROUP BY ALL
),
spread AS (
    SELECT *, sum(n) OVER (PARTITION BY key ORDER BY whole_ms) AS upto, sum(n) OVER (PARTITION BY key) AS total FROM counted
),
rank AS (
    SELECT
        key, share, place - floor(place) AS weight,
        unnest([CAST(floor(place) AS BIGINT), CAST(ceil(place) AS BIGINT)]) AS rank
    FROM (
        SELECT key, share, (total - 1) * share AS place
        FROM (SELECT DISTINCT key, total FROM spread), (SELECT unnest($shares) AS share))
),
wanted AS (
    SELECT rank.*, whole_ms, rank - (upto - n) AS nth
    FROM rank JOIN spread ON rank.key = spread.key AND rank >= upto - n AND rank < upto
),
value AS (
    SELECT key, whole_ms, ms, count(*) AS n
    FROM (SELECT key, CAST(floor(ms) AS INTEGER) AS whole_ms, ms FROM {rows}) SEMI JOIN wanted USING (key, whole_ms)
    GROUP BY ALL
),
ordered AS (
    SELECT *, sum(n) OVER (PARTITION BY key, whole_ms ORDER BY ms) AS upto FROM value
)
SELECT key, share, CAST(min(ms) AS DOUBLE) AS low, CAST(max(ms) AS DOUBLE) AS high, any_value(weight) AS weight
FROM (
    SELECT wanted.key, share, weight, ms
    FROM wanted
    JOIN ordered ON wanted.key = ordered.key AND wanted.whole_ms = ordered.whole_ms AND nth >= ordered.upto - ordered.n AND nth < ordered.upto)
GROUP BY key, share
ORDER BY key, share;
