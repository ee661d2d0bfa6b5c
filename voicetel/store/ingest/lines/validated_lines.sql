-- The exact rules. One row per line in slow_path_lines, with the reason why it does not count in `quarantine_reason` (NULL: it counts).
-- Whether a line counts depends on its own bytes alone.
-- Reads: slow_path_lines (nth, content without the values that are read as unknown, no_unknown_values: it had none of these, is_deep: nested as no event is).
-- Bound: $structure, what a line is transformed into.
WITH line AS (
    SELECT
        nth,
        json,
        is_deep,
        no_unknown_values,
        json_transform(json, $structure) AS fields
    FROM (
        SELECT nth, is_deep, no_unknown_values, CASE WHEN json_valid(text) THEN CAST(text AS JSON) END AS json
        FROM (SELECT nth, is_deep, no_unknown_values, TRY(decode(content)) AS text FROM slow_path_lines)
    )
),
envelope AS (
    SELECT
        *,
        TRY_CAST(fields.event[2:-2] AS event_name) AS known_event,
        CASE WHEN starts_with(fields.ts, '"') THEN any_timestamp(fields.ts[2:-2]) END AS timestamp,
        CASE WHEN NOT starts_with(fields.call_id, '"') THEN NULL
            WHEN contains(fields.call_id, '\') THEN json_extract_string(fields.call_id, '$')
            ELSE fields.call_id[2:-2] END AS call_id
    FROM line
),
validated AS (
    SELECT
        *,
        CASE
            WHEN fields.v = '1' AND known_event IS NOT NULL AND is_plausible(timestamp) AND length(call_id) BETWEEN 1 AND 256 AND NOT is_deep THEN NULL
            WHEN json IS NULL THEN 'not JSON'
            WHEN json_type(json) <> 'OBJECT' THEN 'not a JSON object'
            WHEN is_deep THEN 'nested too deep'
            WHEN fields.v IS NULL THEN 'v is missing'
            WHEN NOT regexp_full_match(fields.v, '[0-9][-+0-9.eE]*') OR coalesce(whole(TRY_CAST(CAST(fields.v AS VARCHAR) AS DOUBLE)), 0) < 1
                THEN 'v is not a positive integer'
            WHEN whole(TRY_CAST(CAST(fields.v AS VARCHAR) AS DOUBLE)) > 1 THEN 'unsupported: v is newer'
            WHEN fields.event IS NULL THEN 'event is missing'
            WHEN NOT starts_with(fields.event, '"') OR fields.event = '""' THEN 'event is not a name'
            WHEN fields.ts IS NULL THEN 'ts is missing'
            WHEN timestamp IS NULL AND starts_with(fields.ts, '"') AND TRY_CAST(fields.ts[2:-2] || 'Z' AS TIMESTAMPTZ) IS NOT NULL
                THEN 'ts has no time zone: write UTC with a final Z'
            WHEN timestamp IS NULL THEN 'ts is not an RFC 3339 time'
            WHEN NOT is_plausible(timestamp) THEN 'ts is no time of a call: before 1900 or after 2199'
            WHEN fields.call_id IS NULL THEN 'call_id is missing'
            WHEN call_id IS NULL THEN 'call_id is not a string'
            WHEN call_id = '' THEN 'call_id is empty'
            WHEN length(call_id) > 256 THEN 'call_id is longer than 256 characters'
            WHEN known_event IS NULL THEN 'unsupported: unknown event'
        END AS quarantine_reason,
        -- A structure without a value may be an empty object, or no object at all.
        known_event = 'turn' AND CASE WHEN fields."user" IS NULL OR fields."user".end_ms IS NOT NULL THEN fields."user" IS NOT NULL
            ELSE json_type(json, '$.user') = 'OBJECT' END AS has_user,
        known_event = 'turn' AND CASE WHEN fields.agent IS NULL OR fields.agent.start_ms IS NOT NULL THEN fields.agent IS NOT NULL
            ELSE json_type(json, '$.agent') = 'OBJECT' END AS has_agent
    FROM envelope
)
SELECT
    fields.* EXCLUDE (event, ts, call_id), known_event AS event, timestamp AS ts, call_id,
    fields.writer IS NOT NULL AND regexp_full_match(fields.seq, '[0-9]+') AS has_writer_and_seq, quarantine_reason IS NULL AS accepted, quarantine_reason,
    coalesce(has_user, false) AS user_spoke, coalesce(has_agent, false) AS agent_spoke, no_unknown_values, nth
FROM validated
