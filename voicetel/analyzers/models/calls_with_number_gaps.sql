-- calls_with_number_gaps: one row per selected call of which the turns' numbers do not tell how many turns lie between two: some are missing, or come
-- twice. There are few, and mostly none.
--   call_id
--   numbered    as of calls
-- Reads: selected_calls.
CREATE OR REPLACE TEMP TABLE calls_with_number_gaps AS
SELECT call_id, numbered FROM selected_calls WHERE turns > 0 AND NOT consecutive;
