-- One row per group and component, and one per component over all groups (group_id NULL).
--   ninths                exact, in ninths of the currency; NULL: nothing of it has a price
--   billable, covered     operations that a card could price, and those that have a price
-- Reads: priced_usage.
SELECT group_id, component, sum(ninths) AS ninths, sum(billable) AS billable, sum(covered) AS covered
FROM priced_usage
GROUP BY GROUPING SETS ((group_id, component), (component));
