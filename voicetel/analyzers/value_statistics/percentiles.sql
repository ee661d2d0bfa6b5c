-- One row per group (NULL: all), measure and share: where the percentile lies.
--   group_id, measure, share
--   low, high   the two values between which it lies, in ms; the same where it is one of them
--   weight      how far it is from low to high, 0 to 1
-- Reads: percentile_ranks, exact_values.
WITH ordered AS (
    SELECT *, sum(n) OVER (PARTITION BY group_id, measure, whole_ms ORDER BY ms) AS next_rank FROM exact_values
)
SELECT group_id, measure, share, CAST(min(ms) AS DOUBLE) AS low, CAST(max(ms) AS DOUBLE) AS high, any_value(weight) AS weight
FROM (
    SELECT percentile.group_id, percentile.measure, share, weight, ms
    FROM percentile_ranks AS percentile
    JOIN ordered ON
        percentile.group_id IS NOT DISTINCT FROM ordered.group_id
        AND percentile.measure = ordered.measure
        AND percentile.whole_ms = ordered.whole_ms
        AND rank_in_whole_ms >= ordered.next_rank - ordered.n AND rank_in_whole_ms < ordered.next_rank)
GROUP BY group_id, measure, share
ORDER BY group_id, measure, share;
