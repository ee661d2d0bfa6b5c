-- timed_turns: when somebody spoke, one row per turn of some of the selected calls; times are µs since the epoch.
--   spans                          [[begin, end], …] of the agent's audio; NULL: not known
--   next_user_us                   where the caller of the next turn begins
--   next_user_end_us               and ends
--   begins_over_caller             whether a stretch of the agent's begins while the caller of this turn or the next speaks
--   synthesized_s                  seconds of audio that its TTS operations synthesized
-- Reads: selected_turns, operations. Bound: $chunk of $chunks.
CREATE OR REPLACE TEMP TABLE timed_turns AS
WITH synthesized AS (
    SELECT source, line_key, sum(audio_s) AS synthesized_s
    FROM operations
    WHERE stage = 'tts' AND event = 'turn' AND hash(call_id) % $chunks = $chunk
    GROUP BY source, line_key
),
turn AS (
    SELECT
        call_id, group_id, turn, ts, line_key, user_spoke, agent_spoke, interrupted, interrupted_by,
        epoch_us(ts) + CAST(user_start_ms * 1000 AS BIGINT) AS user_us,
        epoch_us(ts) + CAST(user_end_ms * 1000 AS BIGINT) AS user_end_us,
        list_transform(
            list_filter(
                CASE WHEN len(agent_spans) > 0 THEN agent_spans ELSE [[agent_start_ms, agent_end_ms]] END,
                lambda span: span[2] >= span[1]),
            lambda span: [epoch_us(ts) + CAST(span[1] * 1000 AS BIGINT), epoch_us(ts) + CAST(span[2] * 1000 AS BIGINT)]) AS spans,
        synthesized_s
    FROM selected_turns LEFT JOIN synthesized USING (source, line_key)
    WHERE hash(call_id) % $chunks = $chunk
)
SELECT
    *,
    len(list_filter(spans, lambda span:
        (span[1] > user_us AND span[1] < user_end_us) OR (span[1] > next_user_us AND span[1] < next_user_end_us))) > 0
        AS begins_over_caller
FROM (SELECT
    * EXCLUDE (spans, user_us, user_end_us),
    CASE WHEN agent_spoke AND len(spans) > 0 THEN spans END AS spans,
    CASE WHEN user_spoke AND user_end_us >= user_us THEN user_us END AS user_us,
    CASE WHEN user_spoke AND user_end_us >= user_us THEN user_end_us END AS user_end_us,
    lead(CASE WHEN user_spoke THEN user_us END) OVER following AS next_user_us,
    lead(CASE WHEN user_spoke THEN user_end_us END) OVER following AS next_user_end_us
FROM turn
WINDOW following AS (PARTITION BY call_id ORDER BY turn, ts, line_key));
