-- The columns of request_sums.sql, one row per request, and one more for those that failed or were cancelled.
-- Reads: request_costs, made by rates.py of operations_to_price.
SELECT group_id, stage, provider, model, unnest(['all', status]) AS subset, 1 AS operations, ninths
FROM request_costs
