-- quarantine: one row per line that does not count.
--   stream_id       number of the log stream
--   line            from 1
--   byte_offset     of its first byte, decompressed
--   bytes           without the line end
--   unsupported     true: an unknown event or a newer v; false: it cannot be read
--   reason
CREATE OR REPLACE VIEW quarantine AS
SELECT * EXCLUDE (segment, file_row_number) FROM counted_quarantine;
