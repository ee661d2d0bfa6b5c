-- indexed_operations: the rows of operations_to_price, each with its place in the call.
--   operation_index             its place in the call, from 1: by time of the event, then by start
--   turn_index                  the turn it belongs to, as in turn_rows; NULL outside one
-- Reads: operations_to_price, event_positions.
CREATE OR REPLACE TEMP VIEW indexed_operations AS
SELECT o.*, operations_before + operation AS operation_index, turn_index
FROM operations_to_price AS o
JOIN event_positions USING (stream_id, line_key);
