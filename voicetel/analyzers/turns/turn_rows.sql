-- turn_rows: one row per turn of the selected calls.
--   stream_id, line_key            where it comes from
--   call_id
--   turn_index                  unique in its call, see event_positions
--   turn                        its number as logged
--   ts                          its earliest moment, UTC
--   state_id, user_spoke, agent_spoke, user_start_ms, user_end_ms, agent_start_ms, agent_end_ms, interrupted_by, eou_from
--   eou_latency_ms … unattributed_ms
--                               as in turns
--   stt_latency_ms, tts_latency_ms
--                               the sum of duration_ms over the turn's STT, TTS operations that were not cancelled; NULL: unknown or
--                               impossible: one is below 0, or their sum is no possible duration
--   stt_s                       audio sent to STT, s; connected time where no audio was logged
--   llm_input_tokens, llm_output_tokens, tts_characters
--   was_interrupted             the caller stopped the agent; NULL: not said, or the agent was silent (interruption_macros.sql)
-- Reads: event_positions, turns, operations, selected_calls; the macros of interruption_macros.sql, is_possible_duration of select_calls.py.
CREATE OR REPLACE TEMP VIEW turn_rows AS
WITH operation AS (
    SELECT
        stream_id, line_key,
        sum(duration_ms) FILTER (stage = 'stt' AND coalesce(status, 'ok') <> 'cancelled') AS stt_ms,
        min(duration_ms) FILTER (stage = 'stt' AND coalesce(status, 'ok') <> 'cancelled') AS stt_least_ms,
        sum(duration_ms) FILTER (stage = 'tts' AND coalesce(status, 'ok') <> 'cancelled') AS tts_ms,
        min(duration_ms) FILTER (stage = 'tts' AND coalesce(status, 'ok') <> 'cancelled') AS tts_least_ms,
        sum(coalesce(audio_s, session_s)) FILTER (stage = 'stt') AS stt_s,
        sum(input_tokens) FILTER (stage = 'llm') AS llm_input_tokens,
        sum(output_tokens) FILTER (stage = 'llm') AS llm_output_tokens,
        sum(characters) FILTER (stage = 'tts') AS tts_characters
    FROM operations SEMI JOIN selected_calls USING (call_id)
    WHERE event = 'turn'
    GROUP BY stream_id, line_key
),
turn AS (
    SELECT
        turns.*, turn_index, has_interruption_flags, logged_interruptions, next_user_start_us,
        operation.* EXCLUDE (stream_id, line_key),
        played_spans(agent_spans, agent_start_ms, agent_end_ms) AS spans
    FROM turns JOIN event_positions USING (stream_id, line_key) LEFT JOIN operation USING (stream_id, line_key)
    WHERE turn_index IS NOT NULL
)
SELECT
    stream_id, line_key, call_id, turn_index, turn, ts, state_id, user_spoke, agent_spoke,
    user_start_ms, user_end_ms, agent_start_ms, agent_end_ms, interrupted_by, eou_from,
    eou_latency_ms, endpointing_ms, stt_ttfb_ms, llm_ttft_ms, llm_latency_ms, tts_ttfb_ms, realtime_ttfb_ms, unattributed_ms,
    CASE WHEN stt_least_ms >= 0 AND is_possible_duration(stt_ms) THEN CAST(stt_ms AS DECIMAL(9, 3)) END AS stt_latency_ms,
    CASE WHEN tts_least_ms >= 0 AND is_possible_duration(tts_ms) THEN CAST(tts_ms AS DECIMAL(9, 3)) END AS tts_latency_ms,
    stt_s, llm_input_tokens, llm_output_tokens, tts_characters,
    was_interrupted(
        agent_spoke, has_interruption_flags, logged_interruptions, interrupted, interrupted_by, is_agent_timed(agent_spans, agent_start_ms, agent_end_ms),
        begins_inside(next_user_start_us, epoch_us(ts), spans)) AS was_interrupted
FROM turn;
