-- One row per call, the $limit that cost most, the most expensive first.
--   call_id, amount
--   most        {cost, component}: the component that cost most of it
-- Reads: priced_usage of calls. Bound: $limit.
SELECT call_id, exact_amount(sum(ninths)) AS amount, max({cost: exact_amount(ninths), component: component}) AS most
FROM (SELECT call_id, component, sum(ninths) AS ninths FROM priced_usage GROUP BY ALL)
WHERE ninths > 0
GROUP BY call_id
ORDER BY sum(ninths) DESC, call_id
LIMIT $limit;
