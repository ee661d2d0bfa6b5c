-- aggregated_calls: the rows of `calls` for some calls, from all their events; all but how each ended.
-- Reads: bucket_events, the events of these calls.
-- A wait from one moment to another, both in µs: unknown below zero and above ten minutes.
CREATE OR REPLACE MACRO wait_ms(from_us, to_us) AS
    CASE WHEN to_us - from_us BETWEEN 0 AND 600000000 THEN CAST((to_us - from_us) / 1000 AS DECIMAL(12, 3)) END;

CREATE OR REPLACE TABLE aggregated_calls AS
WITH
-- Not materialized: read several times from files it costs less than kept once in memory, of which there is not enough for all events.
event AS NOT MATERIALIZED (
    SELECT * FROM bucket_events
),
-- What a call's first and last lines say. Later wins; of one moment the line with the larger key.
start_or_end AS NOT MATERIALIZED (
    SELECT *, CAST(epoch_us(ts) AS HUGEINT) * 18446744073709551616 + line_key AS precedence
    FROM event
    WHERE event IN ('call_started', 'call_ended')
),
said_of_call AS (
    SELECT
        call_id,
        min(ts) FILTER (event = 'call_ended') AS ended_at,
        arg_max(agent_name, precedence) FILTER (event = 'call_started') AS agent_name,
        arg_max(agent_version, precedence) FILTER (event = 'call_started') AS agent_version,
        arg_max(campaign, precedence) FILTER (event = 'call_started') AS campaign,
        arg_max(direction, precedence) FILTER (event = 'call_started') AS direction,
        arg_max(language, precedence) FILTER (event = 'call_started') AS language,
        arg_max(duration_s, precedence) FILTER (event = 'call_ended') AS duration_s,
        arg_max(final_state, precedence) FILTER (event = 'call_ended') AS final_state,
        arg_max(end_reason, precedence) FILTER (event = 'call_ended') AS end_reason,
        arg_max(sip_status, precedence) FILTER (event = 'call_ended') AS sip_status,
        arg_max(amd, precedence) FILTER (event = 'call_ended') AS amd,
        arg_max(outcome, precedence) FILTER (event = 'call_ended') AS logged_outcome,
        arg_max(outcome_confidence, precedence) FILTER (event = 'call_ended') AS logged_confidence,
        arg_max(outcome_reason, precedence) FILTER (event = 'call_ended') AS logged_reason,
        arg_max(sentiment, precedence) FILTER (event = 'call_ended') AS sentiment,
        arg_max(interruption_count, precedence) FILTER (event = 'call_ended') AS interruption_count
    FROM start_or_end
    GROUP BY call_id
),
marks_of_call AS (
    SELECT
        call_id,
        list(DISTINCT kind ORDER BY kind) AS marks,
        min(ts) FILTER (kind = 'answered') AS answered_at,
        count(*) FILTER (kind = 'no_input') AS no_inputs,
        count(*) FILTER (kind = 'unheard') AS unheard
    FROM event
    WHERE event = 'mark' AND kind IS NOT NULL
    GROUP BY call_id
),
totals AS (
    SELECT
        call_id,
        min(ts) AS started_at,
        max(ts) AS last_event_at,
        count(*) FILTER (event = 'turn') AS turns,
        count(*) FILTER (user_spoke) AS user_turns,
        count(*) FILTER (agent_spoke) AS agent_turns,
        bit_or(CASE WHEN turn BETWEEN 0 AND 61 THEN CAST(1 AS BIGINT) << turn END) AS turn_bits,
        count(*) FILTER (agent_spoke AND interrupted IS NOT NULL) > 0 AS has_interruption_flags,
        count(*) FILTER (agent_spoke AND stopped_by_caller(interrupted, interrupted_by)) AS flagged_interruptions,
        min(epoch_us(ts) + CAST(agent_start_ms * 1000 AS BIGINT)) FILTER (agent_spoke) AS first_agent_start_us,
        min(ts) FILTER (agent_spoke AND agent_start_ms IS NULL) AS first_untimed_agent_at,
        min(epoch_us(ts) + CAST(user_start_ms * 1000 AS BIGINT)) FILTER (user_spoke) AS first_user_start_us,
        min(ts) FILTER (user_spoke AND user_start_ms IS NULL) AS first_untimed_user_at
    FROM event
    GROUP BY call_id
),
-- Whether no two turns have one number, and whether there is a gap between them: where all are from 0 to 61, as they mostly are, each is a bit
-- of turn_bits. Without a gap, the lowest of these bits added to them carries past all of them.
other_turn_numbers AS (
    SELECT
        call_id, count(DISTINCT turn) = count(*) AS numbered,
        count(DISTINCT turn) = count(*) AND max(turn) - min(turn) + 1 = count(*) AS consecutive
    FROM event
    WHERE event = 'turn' AND call_id IN (SELECT call_id FROM totals WHERE turns > coalesce(bit_count(turn_bits), 0))
    GROUP BY call_id
),
-- The agent's audio that began before the caller's first sound: when it ended, at the latest when the caller began.
agent_before_user AS (
    SELECT
        call_id,
        max(least(epoch_us(ts) + CAST(agent_end_ms * 1000 AS BIGINT), first_user_start_us)) AS agent_end_us_before_user,
        bool_or(agent_start_ms IS NULL OR agent_end_ms IS NULL) AS has_untimed_agent_before_user
    FROM (SELECT call_id, ts, agent_start_ms, agent_end_ms FROM event WHERE agent_spoke) AS turn
    JOIN (SELECT call_id, first_user_start_us FROM totals WHERE first_user_start_us IS NOT NULL) AS caller USING (call_id)
    WHERE epoch_us(ts) + CAST(coalesce(agent_start_ms, 0) * 1000 AS BIGINT) < first_user_start_us
    GROUP BY call_id
)
SELECT
    * EXCLUDE (
        numbered, consecutive, turn_bits, ended_at, duration_s, answered_at, first_agent_start_us, first_untimed_agent_at, first_user_start_us, first_untimed_user_at, agent_end_us_before_user, has_untimed_agent_before_user, no_inputs,
        unheard),
    coalesce(numbered, turns > 0) AS numbered,
    coalesce(consecutive, (turn_bits + (turn_bits & -turn_bits)) & turn_bits = 0, false) AS consecutive,
    coalesce(no_inputs, 0) AS no_inputs,
    coalesce(unheard, 0) AS unheard,
    -- Unknown where an earlier turn does not say when its audio began.
    CASE WHEN NOT coalesce(epoch_us(first_untimed_agent_at) <= first_agent_start_us, false)
        THEN wait_ms(epoch_us(coalesce(answered_at, started_at)), first_agent_start_us) END AS first_word_ms,
    CASE WHEN NOT coalesce(epoch_us(first_untimed_user_at) <= first_user_start_us, false) AND NOT coalesce(has_untimed_agent_before_user, false)
        THEN wait_ms(coalesce(agent_end_us_before_user, epoch_us(coalesce(answered_at, started_at))), first_user_start_us) END AS caller_silence_ms,
    ended_at IS NOT NULL AS ended,
    -- What was not logged is told from the events, but not of a call that never connected: there was nothing to last.
    CASE WHEN ended_at IS NOT NULL THEN coalesce(duration_s, CASE WHEN end_reason IS DISTINCT FROM 'not_connected' OR turns > 0
        THEN TRY_CAST((epoch_us(ended_at) - epoch_us(started_at)) / 1000000 AS DECIMAL(12, 3)) END) END AS duration_s
FROM totals LEFT JOIN said_of_call USING (call_id) LEFT JOIN marks_of_call USING (call_id)
LEFT JOIN agent_before_user USING (call_id) LEFT JOIN other_turn_numbers USING (call_id);
