-- One row per line that is not blank, transformed, with the reason why it does not count in `verdict` (NULL: it counts).
-- Whether a line counts depends on its own bytes alone. Reads: slices (file, source), what content each name holds.
-- files: the names to read; structure: what a line is transformed into. known_operation is generated from the table of
-- event fields.
CREATE OR REPLACE TEMP MACRO judged_lines(files, structure) AS TABLE
WITH line AS (
    SELECT
        slices.source,
        json,
        json_transform(json, structure) AS e,
        json_type(json, ['$', '$.v', '$.event', '$.ts', '$.call_id', '$.user', '$.agent']) AS types,
        -- A thousand brackets opened and none closed: nothing that an event is made of.
        CASE WHEN strlen(json) > 2000 THEN regexp_matches(json, '(?:[\[{][^\[\]{}]*){1000}') ELSE false END AS deep
    FROM read_ndjson_objects(files, ignore_errors := true, filename := true, maximum_object_size := 16777216) AS lines
    JOIN slices ON slices.file = lines.filename
),
envelope AS (
    SELECT
        *,
        CASE WHEN types[4] = 'VARCHAR' AND regexp_full_match(e.ts, '\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)')
            THEN CAST(TRY_CAST(e.ts AS TIMESTAMPTZ) AS TIMESTAMP) END AS moment,
        TRY_CAST(e.event AS event_name) AS name,
        TRY_CAST(CASE WHEN types[2] IN ('UBIGINT', 'BIGINT', 'DOUBLE') AND e.v = floor(e.v) AND e.v < 9007199254740992 THEN e.v END AS BIGINT) AS version
    FROM line
)
SELECT
    *,
    CASE
        WHEN json IS NULL THEN 'not JSON'
        WHEN types[1] IS DISTINCT FROM 'OBJECT' THEN 'not a JSON object'
        WHEN deep THEN 'nested too deep'
        WHEN version > 1 THEN 'unsupported: v is newer'
        WHEN version IS NULL OR version < 1 THEN CASE WHEN types[2] IS NULL THEN 'v is missing' ELSE 'v is not a positive integer' END
        WHEN types[3] IS DISTINCT FROM 'VARCHAR' OR e.event = '' THEN CASE WHEN types[3] IS NULL THEN 'event is missing' ELSE 'event is not a name' END
        WHEN moment IS NULL THEN CASE
            WHEN types[4] IS NULL THEN 'ts is missing'
            WHEN types[4] = 'VARCHAR' AND TRY_CAST(e.ts || 'Z' AS TIMESTAMPTZ) IS NOT NULL THEN 'ts has no time zone: write UTC with a final Z'
            ELSE 'ts is not an RFC 3339 time' END
        WHEN types[5] IS DISTINCT FROM 'VARCHAR' THEN CASE WHEN types[5] IS NULL THEN 'call_id is missing' ELSE 'call_id is not a string' END
        WHEN e.call_id = '' THEN 'call_id is empty'
        WHEN length(e.call_id) > 256 THEN 'call_id is longer than 256 characters'
        WHEN name IS NULL THEN 'unsupported: unknown event'
    END AS verdict,
    CASE WHEN tidy(json, e.operations) THEN e.operations
        ELSE in_order_of_start(list_filter(
            list_transform(e.operations, lambda o: {known_operation}), lambda o: o.stage IS NOT NULL)) END AS ops,
    name = 'turn' AND types[6] = 'OBJECT' AS user_spoke,
    name = 'turn' AND types[7] = 'OBJECT' AS agent_spoke
FROM envelope;
