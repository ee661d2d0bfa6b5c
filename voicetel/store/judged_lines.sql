-- One row per line that is not blank, transformed, with the reason why it does not count in `verdict` (NULL: it counts).
-- Whether a line counts depends on its own bytes alone. Reads: slices (file, source), what content each name holds.
-- files: the names to read; structure: what a line is transformed into. In braces: lines, where they come from, lines_of(files) or
-- tables of such rows; the rest is generated from the table of event fields.
-- Nearly every line is as it should be. So each step asks first for what is cheap to see, and looks closer only where that fails.

-- A word as a line says it. An array or object read as text begins with its bracket; so may a word, and only then the line is asked.
CREATE OR REPLACE TEMP MACRO word(x, line, path) AS
    CASE WHEN (starts_with(x, '[') OR starts_with(x, '{')) AND json_type(line, path) <> 'VARCHAR' THEN NULL ELSE x END;

CREATE OR REPLACE TEMP MACRO judged_lines(files, structure) AS TABLE
WITH line AS (
    SELECT
        source,
        json,
        json_transform(json, structure) AS e,
        -- A thousand brackets opened and none closed: nothing that an event is made of.
        CASE WHEN strlen(json) > 2000 THEN regexp_matches(json, '(?:[\[{][^\[\]{}]*){1000}') ELSE false END AS deep
    FROM ({lines})
),
envelope AS (
    SELECT
        *,
        TRY_CAST(e.event[2:-2] AS event_name) AS name,
        CASE WHEN regexp_full_match(e.ts, '"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)"')
            THEN CAST(TRY_CAST(upper(e.ts[2:-2]) AS TIMESTAMPTZ) AS TIMESTAMP) END AS moment,
        CASE WHEN NOT starts_with(e.call_id, '"') THEN NULL
            WHEN contains(e.call_id, '\') THEN json_extract_string(e.call_id, '$')
            ELSE e.call_id[2:-2] END AS call_id,
        TRY_CAST(e.operations AS {operation_type}[]) AS logged
    FROM line
)
SELECT
    * EXCLUDE (deep, logged),
    CASE
        WHEN e.v = '1' AND name IS NOT NULL AND moment IS NOT NULL AND length(call_id) BETWEEN 1 AND 256 AND NOT deep THEN NULL
        WHEN json IS NULL THEN 'not JSON'
        WHEN json_type(json) <> 'OBJECT' THEN 'not a JSON object'
        WHEN deep THEN 'nested too deep'
        WHEN e.v IS NULL THEN 'v is missing'
        WHEN NOT regexp_full_match(e.v, '[0-9][-+0-9.eE]*') OR coalesce(whole(TRY_CAST(CAST(e.v AS VARCHAR) AS DOUBLE)), 0) < 1
            THEN 'v is not a positive integer'
        WHEN whole(TRY_CAST(CAST(e.v AS VARCHAR) AS DOUBLE)) > 1 THEN 'unsupported: v is newer'
        WHEN e.event IS NULL THEN 'event is missing'
        WHEN NOT starts_with(e.event, '"') OR e.event = '""' THEN 'event is not a name'
        WHEN e.ts IS NULL THEN 'ts is missing'
        WHEN moment IS NULL AND starts_with(e.ts, '"') AND TRY_CAST(e.ts[2:-2] || 'Z' AS TIMESTAMPTZ) IS NOT NULL
            THEN 'ts has no time zone: write UTC with a final Z'
        WHEN moment IS NULL THEN 'ts is not an RFC 3339 time'
        WHEN e.call_id IS NULL THEN 'call_id is missing'
        WHEN call_id IS NULL THEN 'call_id is not a string'
        WHEN call_id = '' THEN 'call_id is empty'
        WHEN length(call_id) > 256 THEN 'call_id is longer than 256 characters'
        WHEN name IS NULL THEN 'unsupported: unknown event'
    END AS verdict,
    -- By start_ms, those without one behind the others in their order; an operation has a stage, and no quantity below zero.
    CASE
        WHEN list_contains(list_transform(logged, lambda o: o.stage IS NULL OR {least_quantity} < 0), true) THEN
            in_order_of_start(list_filter(list_transform(logged, lambda o: {known_operation}), lambda o: o.stage IS NOT NULL))
        WHEN is_in_order(list_transform(logged, lambda o: start_of(o))) THEN logged
        ELSE in_order_of_start(logged)
    END AS ops,
    -- A structure without a value may be an empty object, or no object at all.
    name = 'turn' AND CASE WHEN e."user" IS NULL OR e."user".end_ms IS NOT NULL THEN e."user" IS NOT NULL
        ELSE json_type(json, '$.user') = 'OBJECT' END AS user_spoke,
    name = 'turn' AND CASE WHEN e.agent IS NULL OR e.agent.start_ms IS NOT NULL THEN e.agent IS NOT NULL
        ELSE json_type(json, '$.agent') = 'OBJECT' END AS agent_spoke
FROM envelope;
