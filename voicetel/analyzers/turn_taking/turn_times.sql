-- turn_times: when somebody spoke, one row per turn of the calls of call_numbers; times are µs since the epoch.
--   call_number, group_id, stream_id, line_key
--   user_spoke, agent_spoke, interrupted, interrupted_by    as of turns
--   user_start_us, user_end_us     the caller's speech; NULL: not known
--   agent_start_us, agent_end_us   from the first to the last of the agent's audio; NULL: not known
--   spans                          [[begin, end], …] of the agent's audio where it is several stretches, else NULL
--   next_user_start_us             where the caller of the next turn begins
--   next_user_end_us               and ends
--   begins_over_caller             whether a stretch of the agent's begins while the caller of this turn or the next speaks
-- Reads: selected_turns, call_numbers.
CREATE OR REPLACE TEMP TABLE turn_times AS
WITH
turn AS (
    SELECT
        call_number, group_id, turn_order(numbered, turn, ts) AS turn_order, turn, stream_id, line_key, user_spoke, agent_spoke, interrupted, interrupted_by,
        epoch_us(ts) AS ts_us, user_start_ms, user_end_ms, agent_start_ms, agent_end_ms,
        CASE WHEN agent_spoke AND len(agent_spans) > 0
            THEN list_filter(agent_spans, lambda span: span[2] >= span[1]) END AS logged_spans
    FROM selected_turns JOIN call_numbers USING (call_id)
),
timed AS (
    SELECT
        * EXCLUDE (ts_us, user_start_ms, user_end_ms, agent_start_ms, agent_end_ms, logged_spans),
        CASE WHEN user_spoke THEN ts_us + CAST(user_start_ms * 1000 AS BIGINT) END AS logged_user_start_us,
        CASE WHEN user_spoke THEN ts_us + CAST(user_end_ms * 1000 AS BIGINT) END AS logged_user_end_us,
        CASE
            WHEN logged_spans IS NOT NULL THEN ts_us + CAST(logged_spans[1][1] * 1000 AS BIGINT)
            WHEN agent_spoke AND agent_end_ms >= agent_start_ms THEN ts_us + CAST(agent_start_ms * 1000 AS BIGINT)
        END AS agent_start_us,
        CASE
            WHEN logged_spans IS NOT NULL THEN ts_us + CAST(logged_spans[-1][2] * 1000 AS BIGINT)
            WHEN agent_spoke AND agent_end_ms >= agent_start_ms THEN ts_us + CAST(agent_end_ms * 1000 AS BIGINT)
        END AS agent_end_us,
        CASE WHEN len(logged_spans) > 1 THEN list_transform(
            logged_spans,
            lambda span: [ts_us + CAST(span[1] * 1000 AS BIGINT), ts_us + CAST(span[2] * 1000 AS BIGINT)]) END AS spans
    FROM turn
),
followed AS (
    SELECT
        * EXCLUDE (turn_order, turn, logged_user_start_us, logged_user_end_us),
        CASE WHEN logged_user_end_us >= logged_user_start_us THEN logged_user_start_us END AS user_start_us,
        CASE WHEN logged_user_end_us >= logged_user_start_us THEN logged_user_end_us END AS user_end_us,
        lead(logged_user_start_us) OVER following AS next_user_start_us,
        lead(logged_user_end_us) OVER following AS next_user_end_us
    FROM timed
    WINDOW following AS (PARTITION BY call_number ORDER BY turn_order, turn, line_key)
)
SELECT
    *,
    CASE
        WHEN spans IS NOT NULL THEN len(list_filter(spans, lambda span:
            (span[1] > user_start_us AND span[1] < user_end_us) OR (span[1] > next_user_start_us AND span[1] < next_user_end_us))) > 0
        ELSE (agent_start_us > user_start_us AND agent_start_us < user_end_us) OR (agent_start_us > next_user_start_us AND agent_start_us < next_user_end_us)
    END AS begins_over_caller
FROM followed;
