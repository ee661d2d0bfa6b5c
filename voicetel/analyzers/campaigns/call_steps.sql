-- call_steps: one row per selected call: how far it came. Each step is of calls that took all steps before it.
--   group_id, campaign, call_id, outcome, answered
--   is_connected      picked up, by a person or a machine: answered, a voicemail, a mark `answered`, or the other side spoke
--   is_conversation   answered, with at least two turns of the caller
--   has_turns         a turn of it is logged
-- Reads: selected_calls.
CREATE OR REPLACE TEMP VIEW call_steps AS
SELECT
    group_id, campaign, call_id, outcome, answered,
    answered OR outcome = 'voicemail' OR coalesce(list_contains(marks, 'answered'), false) OR user_turns > 0 AS is_connected,
    answered AND user_turns >= 2 AS is_conversation,
    turns > 0 AS has_turns
FROM selected_calls;
