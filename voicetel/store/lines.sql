-- One row per line that is not blank, of the files in `slices` (file, source) that are named.
--   source   the number of the content that the file holds
--   json     the line as it stands there; NULL: not JSON
CREATE OR REPLACE TEMP MACRO lines_of(files) AS TABLE
SELECT slices.source, json
FROM read_ndjson_objects(files, ignore_errors := true, filename := true, maximum_object_size := 16777216) AS lines
JOIN slices ON slices.file = lines.filename;
