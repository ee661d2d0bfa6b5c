-- Macros over the columns of turns, by which it is told whether the caller stopped the agent:
--   caller_begins_us(ts, user_spoke, user_start_ms)  when the turn's caller begins, µs since 1970; NULL: not known, or no caller
--   played_spans(agent_spans, agent_start_ms, agent_end_ms)
--                                                    [[from, to], …], ms from the beginning of the turn: when audio of the agent was played
--   is_timed(agent_spans, agent_start_ms, agent_end_ms)
--                                                    whether it is known when that was
--   begins_inside(begins_us, turn_us, spans)         whether that moment is inside the audio of a turn that began at turn_us
CREATE OR REPLACE TEMP MACRO caller_begins_us(ts, user_spoke, user_start_ms) AS
    CASE WHEN user_spoke THEN epoch_us(ts) + CAST(user_start_ms * 1000 AS BIGINT) END;
CREATE OR REPLACE TEMP MACRO played_spans(agent_spans, agent_start_ms, agent_end_ms) AS
    CASE WHEN len(agent_spans) > 0 THEN agent_spans ELSE [[agent_start_ms, agent_end_ms]] END;
CREATE OR REPLACE TEMP MACRO is_timed(agent_spans, agent_start_ms, agent_end_ms) AS
    coalesce(len(agent_spans) > 0, false) OR (agent_start_ms IS NOT NULL AND agent_end_ms IS NOT NULL);
CREATE OR REPLACE TEMP MACRO begins_inside(begins_us, turn_us, spans) AS
    len(list_filter(spans, lambda span: begins_us > turn_us + span[1] * 1000 AND begins_us < turn_us + span[2] * 1000)) > 0;
