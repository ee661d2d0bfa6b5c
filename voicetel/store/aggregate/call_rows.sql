-- aggregated_calls: the rows of `calls` for the calls that are wanted, from all their events; all but how each ended.
-- In braces: wanted, which events.
CREATE OR REPLACE TABLE aggregated_calls AS
WITH
event AS (
    SELECT * FROM events WHERE {wanted}
),
-- What a call's first and last lines say. Later wins; of one moment the line with the larger key.
header AS (
    SELECT *, CAST(epoch_us(ts) AS HUGEINT) * 18446744073709551616 + line_key AS said
    FROM event
    WHERE event IN ('call_started', 'call_ended')
),
headers AS (
    SELECT
        call_id,
        min(ts) FILTER (event = 'call_ended') AS ended_at,
        arg_max(agent_name, said) FILTER (event = 'call_started') AS agent_name,
        arg_max(agent_version, said) FILTER (event = 'call_started') AS agent_version,
        arg_max(campaign, said) FILTER (event = 'call_started') AS campaign,
        arg_max(direction, said) FILTER (event = 'call_started') AS direction,
        arg_max(language, said) FILTER (event = 'call_started') AS language,
        arg_max(duration_s, said) FILTER (event = 'call_ended') AS duration_s,
        arg_max(final_state, said) FILTER (event = 'call_ended') AS final_state,
        arg_max(end_reason, said) FILTER (event = 'call_ended') AS end_reason,
        arg_max(sip_status, said) FILTER (event = 'call_ended') AS sip_status,
        arg_max(amd, said) FILTER (event = 'call_ended') AS amd,
        arg_max(outcome, said) FILTER (event = 'call_ended') AS logged_outcome,
        arg_max(outcome_confidence, said) FILTER (event = 'call_ended') AS logged_confidence,
        arg_max(outcome_reason, said) FILTER (event = 'call_ended') AS logged_reason,
        arg_max(sentiment, said) FILTER (event = 'call_ended') AS sentiment,
        arg_max(interruption_count, said) FILTER (event = 'call_ended') AS interruption_count
    FROM header
    GROUP BY call_id
),
mark AS (
    SELECT call_id, list(DISTINCT kind ORDER BY kind) AS marks
    FROM event
    WHERE event = 'mark' AND kind IS NOT NULL
    GROUP BY call_id
),
counts AS (
    SELECT
        call_id,
        min(ts) AS started_at,
        max(ts) AS last_event_at,
        count(*) FILTER (event = 'turn') AS turns,
        count(*) FILTER (user_spoke) AS user_turns,
        count(*) FILTER (agent_spoke) AS agent_turns,
        count(*) FILTER (agent_spoke AND interrupted IS NOT NULL) > 0 AS flagged,
        count(*) FILTER (agent_spoke AND interrupted AND coalesce(interrupted_by, 'caller') = 'caller') AS flagged_interruptions
    FROM event
    GROUP BY call_id
)
SELECT
    * EXCLUDE (ended_at, duration_s),
    ended_at IS NOT NULL AS ended,
    -- What was not logged is told from the events, but not of a call that never connected: there was nothing to last.
    CASE WHEN ended_at IS NOT NULL THEN coalesce(duration_s, CASE WHEN end_reason IS DISTINCT FROM 'not_connected' OR turns > 0
        THEN TRY_CAST((epoch_us(ended_at) - epoch_us(started_at)) / 1000000 AS DECIMAL(12, 3)) END) END AS duration_s
FROM counts LEFT JOIN headers USING (call_id) LEFT JOIN mark USING (call_id);
