-- call_batch: the calls that are read together, one row each.
--   call_id, position
-- Reads: call_positions. Bound: $first and $last, positions.
CREATE OR REPLACE TEMP TABLE call_batch AS
SELECT call_id, position FROM call_positions WHERE position BETWEEN $first AND $last;
