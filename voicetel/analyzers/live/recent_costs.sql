-- recent_costs: one row per call that used something.
--   call_id
--   ninths               what it cost, exact, in ninths of the card's currency; NULL: nothing of it has a price
--   billable, covered    operations that a card could price, and those that have a price for all that they used
-- Reads: priced_usage.
SELECT
    call_id, CAST(sum(ninths) AS DECIMAL(38, 24)) AS ninths, CAST(sum(billable) AS BIGINT) AS billable,
    CAST(sum(covered) AS BIGINT) AS covered
FROM priced_usage
GROUP BY call_id;
