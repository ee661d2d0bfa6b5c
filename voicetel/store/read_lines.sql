-- Reads lines into `events`: one row per line, good or not; the ones that are set aside say why in `verdict`.
-- Bound: $files, the names to read; $structure, what a line is transformed into; $batch, and the parameters of the outcome rules' phrases.
-- In braces: the SQL that brings texts into their normal form (…_words) and finds phrases in it (…_phrases), from voicetel/outcomes/phrases.py.
INSERT INTO events BY NAME
WITH listed AS (
    SELECT
        *,
        hash(json) AS line_hash,
        {user_words} AS user_words,
        {agent_words} AS agent_words,
        exact_ms(known(e."user".end_ms)) AS user_end,
        exact_ms(known(e.agent.start_ms)) AS agent_start,
        CASE WHEN name = 'turn' THEN list_transform(ops, lambda o: o.stage) END AS stages,
        CASE WHEN name = 'turn' THEN list_transform(ops, lambda o: o.status) END AS statuses,
        CASE WHEN name = 'turn' THEN list_transform(ops, lambda o: o.ttfb_ms) END AS ttfbs,
        CASE WHEN name = 'turn' THEN list_transform(ops, lambda o: o.duration_ms) END AS durations,
        -- An operation that ends before it begins has no place.
        CASE WHEN name = 'turn' THEN list_transform(ops, lambda o: CASE WHEN coalesce(o.duration_ms, o.ttfb_ms) >= 0 THEN o.start_ms END) END AS begins,
        CASE WHEN name = 'turn' THEN list_transform(ops, lambda o: o.start_ms + known(coalesce(o.duration_ms, o.ttfb_ms))) END AS ends
    FROM judged_lines($files, $structure)
),
measured AS (
    SELECT
        *,
        CASE WHEN name = 'turn' THEN coalesce(logged_ms(e.eou_latency_ms), agent_start - user_end) END AS eou_ms,
        coalesce(of_first(durations, stages, 'eot'), of_first(ttfbs, stages, 'eot')) AS endpointing,
        of_first(ttfbs, stages, 'stt') AS stt_ttfb,
        llm_ttft_ms(stages, statuses, ttfbs) AS llm_ttft,
        llm_latency_ms(stages, statuses, durations) AS llm_ms,
        of_first(ttfbs, stages, 'tts') AS tts_ttfb,
        of_first(ttfbs, stages, 'realtime') AS realtime_ttfb,
        unattributed_ms(begins, ends, user_end, agent_start) AS unattributed
    FROM listed
)
SELECT
    CAST($batch AS INTEGER) AS batch,
    source,
    CASE WHEN e.writer IS NOT NULL AND regexp_full_match(e.seq, '[0-9]+') THEN hash(call_id, e.writer, e.seq) ELSE line_hash END AS line_key,
    line_hash,
    verdict,
    name AS event,
    moment AS ts,
    call_id,
    word(e.agent_name, json, '$.agent_name') AS agent_name,
    word(e.agent_version, json, '$.agent_version') AS agent_version,
    word(e.campaign, json, '$.campaign') AS campaign,
    CAST(e.direction AS VARCHAR) AS direction,
    word(e.language, json, '$.language') AS language,
    TRY_CAST(known(e.duration_s) AS DECIMAL(12, 3)) AS duration_s,
    word(e.final_state, json, '$.final_state') AS final_state,
    CAST(e.end_reason AS VARCHAR) AS end_reason,
    CASE WHEN e.sip_status BETWEEN 100 AND 699 THEN whole(e.sip_status) END AS sip_status,
    CAST(e.amd AS VARCHAR) AS amd,
    CAST(e.outcome AS VARCHAR) AS outcome,
    CASE WHEN e.outcome_confidence BETWEEN 0 AND 1 THEN e.outcome_confidence END AS outcome_confidence,
    word(e.outcome_reason, json, '$.outcome_reason') AS outcome_reason,
    CASE WHEN e.sentiment BETWEEN -1 AND 1 THEN e.sentiment END AS sentiment,
    TRY_CAST(whole(known(e.interruption_count)) AS INTEGER) AS interruption_count,
    whole(e.turn) AS turn,
    word(e.state_id, json, '$.state_id') AS state_id,
    user_spoke,
    TRY_CAST(known(e."user".start_ms) AS DECIMAL(12, 3)) AS user_start_ms,
    TRY_CAST(user_end AS DECIMAL(12, 3)) AS user_end_ms,
    agent_spoke,
    TRY_CAST(agent_start AS DECIMAL(12, 3)) AS agent_start_ms,
    TRY_CAST(known(e.agent.end_ms) AS DECIMAL(12, 3)) AS agent_end_ms,
    TRY_CAST(e.agent.spans AS DECIMAL(12, 3)[][]) AS agent_spans,
    CASE e.agent.interrupted WHEN 'true' THEN true WHEN 'false' THEN false END AS interrupted,
    CAST(e.agent.interrupted_by AS VARCHAR) AS interrupted_by,
    CAST(e.eou_from AS VARCHAR) AS eou_from,
    CASE WHEN eou_ms BETWEEN 0 AND 60000 THEN eou_ms END AS eou_latency_ms,
    CASE WHEN endpointing BETWEEN 0 AND 60000 THEN endpointing END AS endpointing_ms,
    CASE WHEN stt_ttfb BETWEEN 0 AND 60000 THEN stt_ttfb END AS stt_ttfb_ms,
    CASE WHEN llm_ttft BETWEEN 0 AND 60000 THEN llm_ttft END AS llm_ttft_ms,
    CASE WHEN llm_ms BETWEEN 0 AND 600000 THEN llm_ms END AS llm_latency_ms,
    CASE WHEN tts_ttfb BETWEEN 0 AND 60000 THEN tts_ttfb END AS tts_ttfb_ms,
    CASE WHEN realtime_ttfb BETWEEN 0 AND 60000 THEN realtime_ttfb END AS realtime_ttfb_ms,
    CASE WHEN unattributed BETWEEN 0 AND 60000 THEN unattributed END AS unattributed_ms,
    CASE WHEN least(eou_ms, endpointing, stt_ttfb, llm_ttft, llm_ms, tts_ttfb, realtime_ttfb, unattributed) < 0
        OR greatest(eou_ms, endpointing, stt_ttfb, llm_ttft, tts_ttfb, realtime_ttfb, unattributed) > 60000 OR llm_ms > 600000
    THEN list_filter([
        CASE WHEN eou_ms NOT BETWEEN 0 AND 60000 THEN 'eou_latency_ms' END,
        CASE WHEN endpointing NOT BETWEEN 0 AND 60000 THEN 'endpointing_ms' END,
        CASE WHEN stt_ttfb NOT BETWEEN 0 AND 60000 THEN 'stt_ttfb_ms' END,
        CASE WHEN llm_ttft NOT BETWEEN 0 AND 60000 THEN 'llm_ttft_ms' END,
        CASE WHEN llm_ms NOT BETWEEN 0 AND 600000 THEN 'llm_latency_ms' END,
        CASE WHEN tts_ttfb NOT BETWEEN 0 AND 60000 THEN 'tts_ttfb_ms' END,
        CASE WHEN realtime_ttfb NOT BETWEEN 0 AND 60000 THEN 'realtime_ttfb_ms' END,
        CASE WHEN unattributed NOT BETWEEN 0 AND 60000 THEN 'unattributed_ms' END], lambda name: name IS NOT NULL) END AS impossible,
    {user_phrases} AS user_phrases,
    {agent_phrases} AS agent_phrases,
    word(e.kind, json, '$.kind') AS kind,
    word(e.value, json, '$.value') AS value,
    whole(known(e."count")) AS count,
    ops AS operations
FROM measured;
