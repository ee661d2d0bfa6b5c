-- Reads what was said in turns out of lines into `words`, each with the hash of its line, as in events.
-- Bound: $file, the name to read; $structure, the fields that are wanted.
INSERT INTO words
SELECT line_hash, e."user".text AS user_text, e.agent.text AS agent_text
FROM (
    SELECT hash(json) AS line_hash, json_transform(json, $structure) AS e
    FROM read_ndjson_objects($file, ignore_errors := true, maximum_object_size := 16777216)
    WHERE json IS NOT NULL
)
WHERE e.event = 'turn' AND (e."user".text IS NOT NULL OR e.agent.text IS NOT NULL);
