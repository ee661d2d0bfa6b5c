-- One row per line in lines_to_route (nth, text): the bucket of its call. Whether a line counts, and whose call it is, depends on its
-- own bytes alone; call_id is read as validated_lines.sql reads it. What has none goes anywhere: it will not count there.
-- Reads: lines_to_route. Bound: $buckets.
WITH parsed AS (
    SELECT nth, text, TRY(json_transform(trim(text, chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' '), '{"call_id": "JSON"}').call_id) AS call_id
    FROM lines_to_route
)
SELECT
    nth,
    CAST(hash(coalesce(
        CASE WHEN NOT starts_with(call_id, '"') THEN NULL
            WHEN contains(call_id, '\') THEN TRY(json_extract_string(call_id, '$'))
            ELSE call_id[2:-2] END,
        text)) % $buckets AS INTEGER) AS bucket
FROM parsed;
