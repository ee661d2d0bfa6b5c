-- call_numbers: one row per call of some of the selected calls, with a number by which its turns are put in order sooner than by its id.
--   call_id, call_number
--   numbered, has_interruption_flags, interruption_count    as of calls
-- Reads: selected_calls. Bound: $chunk of $chunks.
CREATE OR REPLACE TEMP TABLE call_numbers AS
SELECT call_id, CAST(row_number() OVER () AS INTEGER) AS call_number, numbered, has_interruption_flags, interruption_count
FROM selected_calls
WHERE hash(call_id) % $chunks = $chunk;
