-- One row per line in lines_to_route (nth, text): the id of its call. Whether a line counts, and whose call it is, depends on its
-- own bytes alone; call_id is read as validated_lines.sql reads it. What has none goes anywhere, as if all of it were the id: it will not count there.
-- Where call_id stands behind nothing but other fields of the envelope, and has no escape in it, it is taken from there: if the rest of
-- the line is no JSON, it will not count anyway. Only other lines are parsed.
-- Reads: lines_to_route.
WITH begun AS (
    SELECT
        nth, text,
        regexp_extract(text, '^\s*\{(?:\s*"(?:v|event|ts|writer|seq)"\s*:\s*(?:"[^"\\]*"|[0-9]+)\s*,)*\s*"call_id"\s*:\s*"([^"\\]+)"', 1) AS leading_id
    FROM lines_to_route
),
parsed AS (
    SELECT
        nth, text, leading_id,
        CASE WHEN leading_id = ''
            THEN TRY(json_transform(trim(text, chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' '), '{"call_id": "JSON"}').call_id)
        END AS call_id
    FROM begun
)
SELECT
    nth,
    coalesce(
        nullif(leading_id, ''),
        CASE WHEN NOT starts_with(call_id, '"') THEN NULL
            WHEN contains(call_id, '\') THEN TRY(json_extract_string(call_id, '$'))
            ELSE call_id[2:-2] END,
        text) AS call_id
FROM parsed;
