-- Reads lines into `events`: one row per line, good or not; the ones that are set aside say why in `verdict`.
-- Bound: $files, the names to read; $structure, what a line is transformed into; $batch, and the parameters of the outcome rules' phrases.
-- The phrases (user_phrases, agent_phrases) are looked up by SQL that comes from voicetel/outcomes/phrases.py.
INSERT INTO events BY NAME
WITH measured AS (
    SELECT
        *,
        CASE WHEN name = 'turn' THEN coalesce(e.eou_latency_ms, known(e.agent.start_ms) - known(e."user".end_ms)) END AS eou_ms,
        CASE WHEN name = 'turn' THEN llm_latency_ms(ops) END AS llm_ms,
        CASE WHEN name = 'turn' THEN endpointing_ms(ops) END AS endpointing,
        CASE WHEN name = 'turn' THEN stt_ttfb_ms(ops) END AS stt_ttfb,
        CASE WHEN name = 'turn' THEN llm_ttft_ms(ops) END AS llm_ttft,
        CASE WHEN name = 'turn' THEN tts_ttfb_ms(ops) END AS tts_ttfb,
        CASE WHEN name = 'turn' THEN realtime_ttfb_ms(ops) END AS realtime_ttfb,
        CASE WHEN name = 'turn' THEN unattributed_ms(ops, known(e."user".end_ms), known(e.agent.start_ms)) END AS unattributed
    FROM judged_lines($files, $structure)
)
SELECT
    CAST($batch AS INTEGER) AS batch,
    source,
    CASE WHEN e.writer IS NOT NULL AND e.seq IS NOT NULL THEN hash(e.call_id, e.writer, e.seq) ELSE hash(coalesce(json, '')) END AS line_key,
    hash(coalesce(json, '')) AS line_hash,
    verdict,
    name AS event,
    moment AS ts,
    e.call_id AS call_id,
    e.agent_name AS agent_name,
    e.agent_version AS agent_version,
    e.campaign AS campaign,
    CAST(e.direction AS VARCHAR) AS direction,
    e.language AS language,
    TRY_CAST(known(e.duration_s) AS DECIMAL(12, 3)) AS duration_s,
    e.final_state AS final_state,
    CAST(e.end_reason AS VARCHAR) AS end_reason,
    CASE WHEN e.sip_status BETWEEN 100 AND 699 THEN e.sip_status END AS sip_status,
    CAST(e.amd AS VARCHAR) AS amd,
    CAST(e.outcome AS VARCHAR) AS outcome,
    CASE WHEN e.outcome_confidence BETWEEN 0 AND 1 THEN e.outcome_confidence END AS outcome_confidence,
    e.outcome_reason AS outcome_reason,
    CASE WHEN e.sentiment BETWEEN -1 AND 1 THEN e.sentiment END AS sentiment,
    TRY_CAST(known(e.interruption_count) AS INTEGER) AS interruption_count,
    e.turn AS turn,
    e.state_id AS state_id,
    user_spoke,
    TRY_CAST(known(e."user".start_ms) AS DECIMAL(12, 3)) AS user_start_ms,
    TRY_CAST(known(e."user".end_ms) AS DECIMAL(12, 3)) AS user_end_ms,
    agent_spoke,
    TRY_CAST(known(e.agent.start_ms) AS DECIMAL(12, 3)) AS agent_start_ms,
    TRY_CAST(known(e.agent.end_ms) AS DECIMAL(12, 3)) AS agent_end_ms,
    TRY_CAST(e.agent.spans AS DECIMAL(12, 3)[][]) AS agent_spans,
    e.agent.interrupted AS interrupted,
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
        OR greatest(eou_ms, endpointing, stt_ttfb, llm_ttft, llm_ms, tts_ttfb, realtime_ttfb, unattributed) > 60000
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
    e.kind AS kind,
    e.value AS value,
    e."count" AS count,
    ops AS operations
FROM measured;
