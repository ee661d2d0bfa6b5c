-- One row per wanted line: what was said in a turn, straight out of the log.
--   line_hash                       hash of the line, as in events
--   user_text, agent_text
--   user_altered, agent_altered     the text was shortened or parts of it were taken out; NULL: not said
-- Bound: $files, the names to read; $hashes, of the lines that are wanted.
SELECT
    line_hash,
    json_extract_string(json, '$.user.text') AS user_text,
    json_extract_string(json, '$.agent.text') AS agent_text,
    coalesce(TRY_CAST(json ->> '$.user.redacted' AS BOOLEAN), TRY_CAST(json ->> '$.user.text_cut' AS BOOLEAN)) AS user_altered,
    coalesce(TRY_CAST(json ->> '$.agent.redacted' AS BOOLEAN), TRY_CAST(json ->> '$.agent.text_cut' AS BOOLEAN)) AS agent_altered
FROM (
    SELECT json, hash(json) AS line_hash
    FROM read_ndjson_objects($files, ignore_errors := true, maximum_object_size := 16777216)
    WHERE json IS NOT NULL AND list_contains($hashes, hash(json))
);
