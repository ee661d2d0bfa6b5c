-- unnumbered_calls: one row per selected call of which the turns' numbers are missing or come twice. There are few, and mostly none.
--   call_id
-- Reads: selected_calls.
CREATE OR REPLACE TEMP TABLE unnumbered_calls AS
SELECT call_id FROM selected_calls WHERE turns > 0 AND NOT numbered;
