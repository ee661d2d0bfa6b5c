-- Lines as DuckDB's typed reader takes them apart, one row per line that is not blank, in their order: the columns of line_values.sql but
-- accepted, no_unknown_values, quarantine_reason and nth, and three more.
--   ts                   as it stands in the line; Python reads it
--   tags_are_texts       no tag is anything but a text
--   has_spans            the agent's audio is said in spans
--   has_usual_envelope   v, call_id and seq have their usual form. What else may be unusual about a line Python sees (fast_path_checks.py)
-- The less there is in this statement, the less it costs to plan it for every chunk.
-- Bound: $file. In braces: tags, a pattern of texts by name; columns, what the reader looks for; object_bytes, what its buffers must hold.
SELECT
    event, ts, call_id, CASE WHEN writer IS NOT NULL AND seq IS NOT NULL THEN key_of_line(call_id, writer, seq) END AS line_key,
    has_usual_envelope,
    agent_name, agent_version, campaign, direction, language, duration_s, final_state, end_reason, sip_status, amd,
    outcome, outcome_confidence, outcome_reason, sentiment, interruption_count, turn, state_id,
    "user" IS NOT NULL AS user_spoke, agent IS NOT NULL AS agent_spoke,
    "user".start_ms AS user_start, "user".end_ms AS user_end, agent.start_ms AS agent_start, agent.end_ms AS agent_end,
    CASE WHEN regexp_full_match(agent.spans, '[][0-9.eE+, -]*') THEN TRY_CAST(agent.spans AS DOUBLE[][]) END AS agent_spans,
    agent.spans IS NOT NULL AS has_spans, "user".confidence AS user_confidence,
    coalesce(regexp_full_match(tags, '{tags}'), true) AS tags_are_texts,
    CASE agent.interrupted WHEN 'true' THEN true WHEN 'false' THEN false END AS interrupted,
    agent.interrupted_by AS interrupted_by, eou_from, eou_latency_ms AS eou, kind, value, "count", operations
FROM (
    SELECT
        * REPLACE (CASE WHEN contains(call_id, '\') THEN json_extract_string(call_id, '$') ELSE call_id[2:-2] END AS call_id),
        v = '1' AND starts_with(call_id, '"') AND length(call_id) BETWEEN 3 AND 258
            AND (seq IS NULL OR regexp_full_match(seq, '[0-9]{1,15}')) AS has_usual_envelope
    FROM read_json(
        $file, format = 'newline_delimited', records = 'true', ignore_errors = true, maximum_object_size = {object_bytes},
        columns = {columns})
)
