-- Lines as columns, one row per line; typed_lines.sql gives the same of most lines, faster.
--   accepted        the line counts, and this row says all that it says
--   line_key        a hash of (call_id, writer, seq), where the line has them
--   user_start … agent_end, eou, operations and every other number: as DOUBLE, as they stand in the line; Python makes exact numbers of them
--   no_unknown_values
--                   no value of it is read as unknown
--   quarantine_reason, nth
--                   why a line does not count; its number among those that were asked for
-- In braces: parsed_lines, the query of validated_lines.sql.
SELECT
    accepted, event, ts, call_id,
    CASE WHEN has_writer_and_seq THEN key_of_line(call_id, writer, seq) END AS line_key,
    agent_name, agent_version, campaign, direction, language, duration_s, final_state, end_reason, sip_status, amd,
    outcome, outcome_confidence, outcome_reason, sentiment, interruption_count, turn, state_id, user_spoke, agent_spoke,
    "user".start_ms AS user_start, "user".end_ms AS user_end,
    agent.start_ms AS agent_start, agent.end_ms AS agent_end,
    TRY_CAST(agent.spans AS DOUBLE[][]) AS agent_spans,
    "user".confidence AS user_confidence,
    CASE agent.interrupted WHEN 'true' THEN true WHEN 'false' THEN false END AS interrupted,
    agent.interrupted_by AS interrupted_by, eou_from, eou_latency_ms AS eou, kind, value, "count", operations, no_unknown_values, quarantine_reason, nth
FROM ({parsed_lines})
