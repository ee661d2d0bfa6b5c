-- Lines as DuckDB's typed reader takes them apart, one row per line that is not blank, in their order.
--   good   nothing is left that only the line itself could tell: its envelope has its usual form, and no value is out of its bounds.
--          A line that is not good is validated by itself (validated_lines.sql); it may be as good as any.
-- Bound: $file. In braces: columns, what the reader looks for; fits, what says that no value is out of its bounds.
SELECT
    * EXCLUDE (ts, call_id), utc_timestamp(ts) AS ts,
    CASE WHEN contains(call_id, '\') THEN json_extract_string(call_id, '$') ELSE call_id[2:-2] END AS call_id,
    writer IS NOT NULL AND regexp_full_match(seq, '[0-9]+') AS keyed,
    coalesce(event = 'turn' AND "user" IS NOT NULL, false) AS user_spoke,
    coalesce(event = 'turn' AND agent IS NOT NULL, false) AS agent_spoke,
    coalesce(
        v = '1' AND event IS NOT NULL AND is_plausible(utc_timestamp(ts))
        AND starts_with(call_id, '"') AND length(call_id) BETWEEN 3 AND 258
        AND ("user" IS NULL OR "user".end_ms IS NOT NULL OR "user".start_ms IS NOT NULL)
        AND (agent IS NULL OR agent.start_ms IS NOT NULL OR agent.end_ms IS NOT NULL)
        AND {fits}, false) AS good
FROM read_json($file, format = 'newline_delimited', ignore_errors = true, maximum_object_size = {object_bytes}, columns = {columns})
