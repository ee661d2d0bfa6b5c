-- One row per group, and one over all groups (part NULL).
--   calls, duration_s     calls, and the sum of the lengths that are known
--   billable, covered     operations that a card could price, and those that have a price
--   unmetered             turns in which a caller spoke, of calls that have no STT and no realtime quantity at all
WITH
usage_of_call AS (
    SELECT call_id, sum(billable) AS billable, sum(covered) AS covered, bool_or(stage IN ('stt', 'realtime') AND billable > 0) AS metered
    FROM priced_usage
    GROUP BY call_id
)
SELECT
    part, count(*), sum(duration_s), sum(billable), sum(covered),
    sum(user_turns) FILTER (NOT coalesce(metered, false))
FROM judged_calls LEFT JOIN usage_of_call USING (call_id)
GROUP BY GROUPING SETS ((part), ());
