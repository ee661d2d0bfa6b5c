-- events: one row per event that counts, with what its line says.
--   stream_id, line_key, line_hash  number of the log stream; hash of (call_id, writer, seq), else of the line; hash of the line
--   byte_offset, bytes              where the line stands in the log stream, decompressed
--   impossible                      names of the latencies that were impossible; NULL: none
--   segment                         the segment that holds it
--   unknown_values_line             number of the line, from 1, where a value of it may be read as unknown; NULL: none is
CREATE OR REPLACE VIEW events AS
SELECT
    * EXCLUDE (file_row_number, impossible_bits),
    CASE WHEN impossible_bits > 0 THEN list_filter([{impossible_names}], lambda name: name IS NOT NULL) END AS impossible
FROM counted_events;
