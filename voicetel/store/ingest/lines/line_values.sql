-- Lines in the types of the store: one row per line, in the order of the source.
--   good            the line counts, and this row says all that it says
--   operations      times in ms, quantities; names: a hash of what each operation is called, NULL where it has no stage
--   charges         what providers charged, where any says so
-- In braces: source, the lines taken apart; operation_numbers, the type of an operation's numbers; more, further columns.
SELECT
    good, event, ts, call_id,
    CASE WHEN keyed THEN hash(call_id, writer, seq) END AS line_key,
    agent_name, agent_version, campaign, CAST(direction AS VARCHAR) AS direction, language,
    TRY_CAST(known(duration_s) AS DECIMAL(12, 3)) AS duration_s, final_state, CAST(end_reason AS VARCHAR) AS end_reason,
    CASE WHEN sip_status BETWEEN 100 AND 699 THEN CAST(whole(sip_status) AS SMALLINT) END AS sip_status, CAST(amd AS VARCHAR) AS amd,
    CAST(outcome AS VARCHAR) AS outcome,
    CASE WHEN outcome_confidence BETWEEN 0 AND 1 THEN CAST(outcome_confidence AS DECIMAL(9, 6)) END AS outcome_confidence,
    outcome_reason,
    CASE WHEN sentiment BETWEEN -1 AND 1 THEN CAST(sentiment AS DECIMAL(9, 6)) END AS sentiment,
    TRY_CAST(whole(known(interruption_count)) AS INTEGER) AS interruption_count,
    whole(turn) AS turn, state_id, user_spoke, agent_spoke,
    exact_ms(known("user".start_ms)) AS user_start, exact_ms(known("user".end_ms)) AS user_end,
    exact_ms(known(agent.start_ms)) AS agent_start, exact_ms(known(agent.end_ms)) AS agent_end,
    CASE WHEN agent.spans IS NOT NULL THEN TRY_CAST(TRY_CAST(agent.spans AS DOUBLE[][]) AS DECIMAL(12, 3)[][]) END AS agent_spans,
    CASE agent.interrupted WHEN 'true' THEN true WHEN 'false' THEN false END AS interrupted,
    CAST(agent.interrupted_by AS VARCHAR) AS interrupted_by, CAST(eou_from AS VARCHAR) AS eou_from,
    logged_ms(eou_latency_ms) AS eou,
    kind, value, whole(known("count")) AS count,
    list_transform(operations, lambda o: CASE WHEN o.stage IS NOT NULL THEN hash(o.stage, o.provider, o.model, o.name, o.status) END) AS names,
    TRY_CAST(operations AS STRUCT({operation_numbers})[]) AS operations,
    CASE WHEN list_has_any(list_transform(operations, lambda o: o.cost IS NOT NULL), [true])
        THEN list_transform(operations, lambda o: {cost: o.cost, currency: o.currency}) END AS charges{more}
FROM ({source})
