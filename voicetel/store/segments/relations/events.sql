-- events: one row per event that counts, with what its line says.
--   source, line_key, line_hash     number of the log stream; hash of (call_id, writer, seq), else of the line; hash of the line
--   byte_offset, bytes              where the line stands in the log stream, decompressed
--   segment                         the segment that holds it
--   unknown_values_line             number of the line, from 1, where a value of it may be read as unknown; NULL: none is
CREATE OR REPLACE VIEW events AS
SELECT * EXCLUDE (file_row_number) REPLACE (CASE WHEN impossible > 0 THEN list_filter([{impossible}], lambda name: name IS NOT NULL) END AS impossible)
FROM live_events;
