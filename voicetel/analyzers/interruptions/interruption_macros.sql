-- Macros over the columns of turns and of their calls, by which it is told whether the caller stopped the agent in a turn. Whatever asks for
-- that asks was_interrupted, so that every figure is of the same turns; interruptions.sql has its sum for calls.
--   caller_begins_us(ts, user_spoke, user_start_ms)  when the turn's caller begins, µs since 1970; NULL: not known, or no caller
--   next_caller_begins_us(call_id, numbered, turn, ts, line_key, user_spoke, user_start_ms)
--                                                    the same of the call's next turn, among the turns of a query; NULL also of the last
--   played_spans(agent_spans, agent_start_ms, agent_end_ms)
--                                                    [[from, to], …], ms from the beginning of the turn: when audio of the agent was played
--   is_agent_timed(agent_spans, agent_start_ms, agent_end_ms)
--                                                    whether it is known when that was
--   is_inside(moment, spans)                         whether a moment is inside one of some spans, all of one unit and counted from one time
--   begins_inside(begins_us, turn_us, spans)         whether that moment is inside the audio of a turn that began at turn_us
--   was_interrupted(agent_spoke, has_interruption_flags, logged_count, interrupted, interrupted_by, has_times, is_cut_into)
--                                                    whether the caller stopped the agent. By the turn's own flag where a turn of the call
--                                                    has any (has_interruption_flags, as of calls). Else, where a count is logged for the call, it is not
--                                                    known of which turns it is, unless it is 0. Else by the times of its audio (has_times:
--                                                    they are known): whether the next turn's caller begins inside it (is_cut_into). NULL:
--                                                    not said, or the agent was silent
CREATE OR REPLACE TEMP MACRO caller_begins_us(ts, user_spoke, user_start_ms) AS
    CASE WHEN user_spoke THEN epoch_us(ts) + CAST(user_start_ms * 1000 AS BIGINT) END;
CREATE OR REPLACE TEMP MACRO next_caller_begins_us(call_id, numbered, turn, ts, line_key, user_spoke, user_start_ms) AS
    lead(caller_begins_us(ts, user_spoke, user_start_ms)) OVER (PARTITION BY call_id ORDER BY turn_order(numbered, turn, ts), turn, line_key);
CREATE OR REPLACE TEMP MACRO played_spans(agent_spans, agent_start_ms, agent_end_ms) AS
    CASE WHEN len(agent_spans) > 0 THEN agent_spans ELSE [[agent_start_ms, agent_end_ms]] END;
CREATE OR REPLACE TEMP MACRO is_agent_timed(agent_spans, agent_start_ms, agent_end_ms) AS
    coalesce(len(agent_spans) > 0 OR agent_end_ms >= agent_start_ms, false);
CREATE OR REPLACE TEMP MACRO is_inside(moment, spans) AS
    len(list_filter(spans, lambda span: moment > span[1] AND moment < span[2])) > 0;
CREATE OR REPLACE TEMP MACRO begins_inside(begins_us, turn_us, spans) AS is_inside((begins_us - turn_us) * 0.001, spans);
CREATE OR REPLACE TEMP MACRO was_interrupted(agent_spoke, has_interruption_flags, logged_count, interrupted, interrupted_by, has_times, is_cut_into) AS CASE
    WHEN NOT agent_spoke THEN NULL
    WHEN has_interruption_flags THEN stopped_by_caller(interrupted, interrupted_by)
    WHEN logged_count IS NOT NULL THEN CASE WHEN logged_count = 0 THEN false END
    WHEN has_times THEN coalesce(is_cut_into, false)
END;
