-- One row per call of call_batch, in its order: whose call it was, when, and how many turns it had.
--   group_values   of the call's group; the others as selected_calls has them
-- Reads: call_batch, selected_calls.
SELECT
    group_values, call_id, started_at, duration_s, state, agent_name, agent_version, campaign, direction, language, end_reason,
    turns, user_turns, agent_turns
FROM call_batch JOIN selected_calls USING (call_id)
ORDER BY position;
