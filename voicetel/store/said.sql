-- One row per wanted line: what was said in a turn, straight out of the log.
--   line_hash                hash of the line, as in events
--   user_text, agent_text    NULL: not in the log
-- Bound: $files, the names to read. In braces: the table that names the lines.
SELECT line_hash, e."user".text AS user_text, e.agent.text AS agent_text
FROM (
    SELECT line_hash, json_transform(json, '{"user": {"text": "VARCHAR"}, "agent": {"text": "VARCHAR"}}') AS e
    FROM (
        SELECT json, hash(json) AS line_hash
        FROM read_ndjson_objects($files, ignore_errors := true, maximum_object_size := 16777216)
        WHERE json IS NOT NULL
    )
    SEMI JOIN (FROM {wanted}) AS wanted USING (line_hash)
);
