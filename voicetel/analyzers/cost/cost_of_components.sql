-- One row per group and component, and one per component over all groups (group_id NULL).
--   amount                exact; NULL: nothing of it has a price
--   billable, covered     operations that a card could price, and those that have a price
-- Reads: priced_usage.
SELECT group_id, component, sum(amount) AS amount, sum(billable) AS billable, sum(covered) AS covered
FROM priced_usage
GROUP BY GROUPING SETS ((group_id, component), (component));
