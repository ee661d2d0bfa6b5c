-- calls: one row per call, made anew when any event of the call comes or goes (aggregate/call_rows.sql).
--   call_id
--   started_at, last_event_at   first and last ts, UTC
--   ended                       a call_ended was logged
--   duration_s                  as logged; where not logged, from the first event to the first call_ended; NULL: not ended
--   agent_name, agent_version, campaign, direction, language
--                               as call_started says; of several the latest that says anything
--   final_state, end_reason, sip_status, amd, logged_outcome, logged_confidence, logged_reason, sentiment, interruption_count
--                               as call_ended says; of several the latest that says anything
--   outcome, outcome_confidence (0 to 1), outcome_reason, outcome_source
--                               the verdict of voicetel/outcomes on how the call ended; source: which rule gave it
--   answered                    it counts as answered
--   marks                       the kinds of its marks, sorted and distinct; NULL: none
--   turns, user_turns, agent_turns
--                               turns, and those in which each side spoke
--   flagged                     a turn in which the agent spoke says whether it was interrupted
--   flagged_interruptions       turns that say the caller stopped the agent
CREATE OR REPLACE VIEW calls AS
SELECT * EXCLUDE (segment, file_row_number) FROM counting_calls;
