-- One row per outcome of the calls that ended in a period, by its name; none where none ended.
--   outcome, calls
--   duration_s           of those whose length is known
--   ninths               what they cost, exact, in ninths of the card's currency; NULL: nothing of it has a price
--   timed_ninths         what those cost whose length is known
--   billable, covered    operations that a card could price, and those that have a price for all that they used
-- Reads: recent_calls, recent_costs. Bound: $since and $at, UTC, between which it lies, the end included.
SELECT
    outcome,
    count(*) AS calls,
    sum(duration_s) AS duration_s,
    sum(ninths) AS ninths,
    sum(ninths) FILTER (WHERE duration_s IS NOT NULL) AS timed_ninths,
    CAST(coalesce(sum(billable), 0) AS BIGINT) AS billable,
    CAST(coalesce(sum(covered), 0) AS BIGINT) AS covered
FROM recent_calls LEFT JOIN recent_costs USING (call_id)
WHERE ended_at > CAST($since AS TIMESTAMP) AND ended_at <= CAST($at AS TIMESTAMP)
GROUP BY outcome
ORDER BY outcome;
