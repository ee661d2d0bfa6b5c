-- One row per group (NULL: all), measure and value that lies in one of exact_whole_ms: how often it is there. Of all values only
-- these few are looked at: a list of all of them, as quantile_cont makes it, needs memory that grows with the logs, and longer.
-- Reads: measured_values, exact_whole_ms. Bound: $by_group, whether each group is wanted beside all of them.
SELECT group_id, measure, whole_ms, ms, count(*) AS n
FROM (
    SELECT CAST(NULL AS INTEGER) AS group_id, measure, CAST(floor(ms) AS BIGINT) AS whole_ms, ms FROM measured_values
    UNION ALL
    SELECT group_id, measure, CAST(floor(ms) AS BIGINT), ms FROM measured_values WHERE $by_group) AS exact
SEMI JOIN exact_whole_ms AS wanted ON
    exact.group_id IS NOT DISTINCT FROM wanted.group_id
    AND exact.measure = wanted.measure
    AND exact.whole_ms = wanted.whole_ms
GROUP BY ALL;
