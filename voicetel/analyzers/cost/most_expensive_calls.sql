-- One row per call, the $limit that cost most, the most expensive first.
--   call_id, amount
--   most        {cost, component}: the component that cost most of it
-- Reads: priced_usage of calls. Bound: $limit.
SELECT call_id, sum(cost) AS amount, max({cost: cost, component: component}) AS most
FROM (SELECT call_id, component, sum(amount) AS cost FROM priced_usage GROUP BY ALL)
WHERE cost > 0
GROUP BY call_id
ORDER BY amount DESC, call_id
LIMIT $limit;
