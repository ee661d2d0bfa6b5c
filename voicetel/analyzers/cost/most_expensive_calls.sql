-- One row per call, the $limit that cost most, the most expensive first.
--   call_id, amount
--   largest_component   {cost, component}: the one that cost most of it
--   ninths              what it cost, exact, in ninths of the currency
-- Reads: priced_usage of calls. Bound: $limit.
SELECT
    call_id, exact_amount(sum(component_cost.ninths)) AS amount, max({cost: exact_amount(component_cost.ninths), component: component}) AS largest_component,
    sum(component_cost.ninths) AS ninths
FROM (SELECT call_id, component, sum(ninths) AS ninths FROM priced_usage GROUP BY ALL) AS component_cost
WHERE component_cost.ninths > 0
GROUP BY call_id
ORDER BY sum(component_cost.ninths) DESC, call_id
LIMIT $limit;
