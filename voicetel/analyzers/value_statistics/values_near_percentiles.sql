-- One row per group (NULL: all), measure and value that lies in a whole ms in which a percentile does: how often it is there. Of all
-- values only these few are looked at: a list of all of them, as quantile_cont makes it, needs memory that grows with the logs, and longer.
-- Reads: measured_values, percentile_ranks. Bound: $by_group.
SELECT group_id, measure, ms_bucket, ms, count(*) AS n
FROM (
    SELECT CASE WHEN $by_group THEN group_id END AS group_id, measure, CAST(floor(ms) AS BIGINT) AS ms_bucket, ms
    FROM measured_values) AS exact
SEMI JOIN percentile_ranks AS percentile ON
    exact.group_id IS NOT DISTINCT FROM percentile.group_id
    AND exact.measure = percentile.measure
    AND exact.ms_bucket = percentile.ms_bucket
GROUP BY ALL;
