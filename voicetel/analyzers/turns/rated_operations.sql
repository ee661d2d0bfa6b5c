-- rated_operations: one row per call to a provider of the selected calls, with the columns of the rate that prices it; NULL where
-- there is none.
--   operation_index             its place in the call, from 1: by time of the event, then by start
--   turn_index                  the turn it belongs to, as in turn_rows; NULL outside one
-- Reads: selected_operations, event_positions, rates.
CREATE OR REPLACE TEMP VIEW rated_operations AS
SELECT
    o.*, operations_before + operation AS operation_index, turn_index,
    rates.* EXCLUDE (stage, provider, model, used)
FROM selected_operations AS o
JOIN event_positions USING (source, line_key)
LEFT JOIN rates ON
    rates.stage = o.stage
    AND rates.provider IS NOT DISTINCT FROM o.provider
    AND rates.model IS NOT DISTINCT FROM o.model
    AND rates.used = o.used
    AND o.charged IS NULL
    AND o.day >= rates.valid_from AND o.day < rates.valid_to;
