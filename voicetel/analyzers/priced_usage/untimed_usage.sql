-- The rows of usage that are of calls whose length is not known.
-- Reads: selected_calls; usage_of_calls, rows with the columns of selected_usage.
SELECT usage.*
FROM usage_of_calls AS usage
SEMI JOIN (SELECT call_id FROM selected_calls WHERE duration_s IS NULL) AS untimed USING (call_id)
