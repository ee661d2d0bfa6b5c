-- evidence: one row per call of `aggregated_calls`, what its outcome is classified by (voicetel/outcomes/evidence.py says what each
-- is), and
--   evidence_hash   calls with the same evidence are classified once. (Of a million hashes two are equal by chance once in 40 million logs.)
-- A call whose outcome was logged is classified by that alone, and by whether the log says that it never connected, so that few hashes
-- are left. The transcript is not yet part of it.
-- Bound: $brief_turns, $brief_s: the rules' settings; $max_user_turns, from so many turns of the caller on more make no difference (`person_user_turns` of the rules).
CREATE OR REPLACE TABLE evidence AS
WITH
call_evidence AS (
    SELECT
        call_id, logged_outcome AS outcome, logged_confidence AS outcome_confidence,
        CASE WHEN user_turns = 0 AND sip_status >= 400 THEN 400 END AS sip_status,
        NULL AS amd, NULL AS final_state,
        CASE WHEN user_turns = 0 AND end_reason = 'not_connected' THEN end_reason END AS end_reason,
        NULL AS direction, [] AS marks,
        least(user_turns, 1) AS user_turns, false AS brief, ended
    FROM aggregated_calls
    WHERE coalesce(logged_outcome, 'unknown') <> 'unknown'
    UNION ALL BY NAME
    SELECT
        call_id, logged_outcome AS outcome, NULL AS outcome_confidence, sip_status, amd, final_state, end_reason, direction,
        coalesce(marks, []) AS marks,
        least(user_turns, $max_user_turns) AS user_turns,
        turns < $brief_turns AND coalesce(duration_s < $brief_s, false) AS brief,
        ended
    FROM aggregated_calls
    WHERE coalesce(logged_outcome, 'unknown') = 'unknown'
)
SELECT
    *,
    CAST([] AS STRUCT(phrase USMALLINT, who VARCHAR, late BOOLEAN, before_person BOOLEAN)[]) AS phrases, 0::BIGINT AS turns_by_person,
    -- Texts once more, moved by three bytes: of eight that DuckDB's hash takes together the last has little weight.
    xor(
        hash(outcome, outcome_confidence, sip_status, amd, final_state, end_reason, direction, marks, user_turns, brief, ended),
        hash('---' || concat_ws(chr(10), final_state, end_reason, array_to_string(marks, chr(10))))) AS evidence_hash
FROM call_evidence;
