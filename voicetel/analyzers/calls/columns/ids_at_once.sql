-- ids_at_once: the calls that are read together, one row each.
--   call_id, place
-- Reads: call_places. Bound: $first and $last, places.
CREATE OR REPLACE TEMP TABLE ids_at_once AS
SELECT call_id, place FROM call_places WHERE place BETWEEN $first AND $last;
