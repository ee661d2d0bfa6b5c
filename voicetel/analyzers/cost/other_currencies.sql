-- One row per group and currency other than the card's, and one per such currency over all groups (group_id NULL).
--   currency, amount      what providers charged in it
-- Reads: priced_usage.
SELECT group_id, other_currency AS currency, sum(other_amount) AS amount
FROM priced_usage
WHERE other_currency IS NOT NULL
GROUP BY GROUPING SETS ((group_id, other_currency), (other_currency))
ORDER BY other_currency;
