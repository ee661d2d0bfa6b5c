-- The exact rules. One row per line in slow_path_lines, with the reason why it does not count in `rejection` (NULL: it counts).
-- Whether a line counts depends on its own bytes alone.
-- Reads: slow_path_lines (nth, content without the values that are read as unknown, all_known: it had none of these, deep: nested as no event is).
-- Bound: $structure, what a line is transformed into.
WITH line AS (
    SELECT
        nth,
        json,
        deep,
        all_known,
        json_transform(json, $structure) AS e
    FROM (
        SELECT nth, deep, all_known, CASE WHEN json_valid(text) THEN CAST(text AS JSON) END AS json
        FROM (SELECT nth, deep, all_known, TRY(decode(content)) AS text FROM slow_path_lines)
    )
),
envelope AS (
    SELECT
        *,
        TRY_CAST(e.event[2:-2] AS event_name) AS name,
        CASE WHEN starts_with(e.ts, '"') THEN any_timestamp(e.ts[2:-2]) END AS timestamp,
        CASE WHEN NOT starts_with(e.call_id, '"') THEN NULL
            WHEN contains(e.call_id, '\') THEN json_extract_string(e.call_id, '$')
            ELSE e.call_id[2:-2] END AS call_id
    FROM line
),
validated AS (
    SELECT
        *,
        CASE
            WHEN e.v = '1' AND name IS NOT NULL AND is_plausible(timestamp) AND length(call_id) BETWEEN 1 AND 256 AND NOT deep THEN NULL
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
            WHEN timestamp IS NULL AND starts_with(e.ts, '"') AND TRY_CAST(e.ts[2:-2] || 'Z' AS TIMESTAMPTZ) IS NOT NULL
                THEN 'ts has no time zone: write UTC with a final Z'
            WHEN timestamp IS NULL THEN 'ts is not an RFC 3339 time'
            WHEN NOT is_plausible(timestamp) THEN 'ts is no time of a call: before 1900 or after 2199'
            WHEN e.call_id IS NULL THEN 'call_id is missing'
            WHEN call_id IS NULL THEN 'call_id is not a string'
            WHEN call_id = '' THEN 'call_id is empty'
            WHEN length(call_id) > 256 THEN 'call_id is longer than 256 characters'
            WHEN name IS NULL THEN 'unsupported: unknown event'
        END AS rejection,
        -- A structure without a value may be an empty object, or no object at all.
        name = 'turn' AND CASE WHEN e."user" IS NULL OR e."user".end_ms IS NOT NULL THEN e."user" IS NOT NULL
            ELSE json_type(json, '$.user') = 'OBJECT' END AS user_part,
        name = 'turn' AND CASE WHEN e.agent IS NULL OR e.agent.start_ms IS NOT NULL THEN e.agent IS NOT NULL
            ELSE json_type(json, '$.agent') = 'OBJECT' END AS agent_part
    FROM envelope
)
SELECT
    e.* EXCLUDE (event, ts, call_id), name AS event, timestamp AS ts, call_id,
    e.writer IS NOT NULL AND regexp_full_match(e.seq, '[0-9]+') AS has_writer_and_seq, rejection IS NULL AS accepted, rejection,
    coalesce(user_part, false) AS user_spoke, coalesce(agent_part, false) AS agent_spoke, all_known, nth
FROM validated
