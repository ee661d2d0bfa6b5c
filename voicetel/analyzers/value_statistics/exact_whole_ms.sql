-- exact_whole_ms: one row per group (NULL: all), measure and whole ms of which every single value is looked at.
--   group_id, measure, whole_ms
-- They are those in which a percentile lies and, over all groups, those in which an edge of a step of a histogram may lie. A histogram
-- goes from the least value to the 99th percentile, of which the counts tell where it is to within 1 ms.
-- Reads: value_counts, percentile_ranks. Bound: $histograms, measures of which there is one; $buckets, of how many buckets.
CREATE OR REPLACE TEMP TABLE exact_whole_ms AS
WITH
low AS (SELECT measure, CAST(min(min_ms) AS DOUBLE) AS low_ms FROM value_counts GROUP BY measure),
high AS (
    SELECT measure, min(whole_ms) + (max(whole_ms) - min(whole_ms)) * any_value(weight) AS high_ms
    FROM percentile_ranks
    WHERE group_id IS NULL AND share = 0.99 AND list_contains($histograms, CAST(measure AS VARCHAR))
    GROUP BY measure
),
edge AS (
    SELECT measure, low_ms + (high_ms - low_ms) * nth / $buckets AS edge_ms, nth / $buckets AS uncertain_ms
    FROM low JOIN high USING (measure), (SELECT unnest(range(1, $buckets)) AS nth)
)
SELECT group_id, measure, whole_ms FROM percentile_ranks
UNION
SELECT CAST(NULL AS INTEGER), measure, unnest(range(CAST(floor(edge_ms - 0.01) AS BIGINT), CAST(floor(edge_ms + uncertain_ms + 0.01) AS BIGINT) + 1))
FROM edge;
