-- evidence: one row per selected call, what its outcome is judged by (voicetel/outcomes/evidence.py says what each is).
-- A call whose outcome was logged is judged by that alone, so that few kinds of evidence are left to be judged.
-- Bound: $late_turns, $person_user_turns, $brief_turns, $brief_s: the rules' settings.
CREATE OR REPLACE TEMP TABLE evidence AS
WITH
undecided AS (
    SELECT * FROM selected_calls WHERE coalesce(outcome, 'unknown') = 'unknown'
),
spoken AS (
    SELECT call_id, place > undecided.turns - $late_turns AS late, user_phrases, agent_phrases
    FROM turns JOIN undecided USING (call_id)
    WHERE len(user_phrases) > 0 OR len(agent_phrases) > 0
),
hit AS (
    SELECT call_id, unnest(user_phrases) AS phrase, 'user' AS who, late FROM spoken
    UNION
    SELECT call_id, unnest(agent_phrases) AS phrase, 'agent' AS who, late FROM spoken
),
hits AS (
    SELECT call_id, list({phrase: phrase, who: who, late: late} ORDER BY phrase, who, late) AS phrases FROM hit GROUP BY call_id
),
mark AS (
    SELECT call_id, list(DISTINCT kind ORDER BY kind) AS marks
    FROM events JOIN undecided USING (call_id)
    WHERE event = 'mark' AND kind IS NOT NULL
    GROUP BY call_id
)
SELECT
    call_id, outcome, outcome_confidence, outcome_reason,
    CAST(NULL AS SMALLINT) AS sip_status, CAST(NULL AS VARCHAR) AS amd, CAST(NULL AS VARCHAR) AS final_state,
    CAST(NULL AS VARCHAR) AS end_reason, CAST(NULL AS VARCHAR) AS direction, [] AS marks,
    least(user_turns, 1) AS user_turns, false AS brief, ended, [] AS phrases
FROM selected_calls
WHERE coalesce(outcome, 'unknown') <> 'unknown'
UNION ALL BY NAME
SELECT
    call_id, outcome, NULL AS outcome_confidence, NULL AS outcome_reason, sip_status, amd, final_state, end_reason, direction,
    coalesce(marks, []) AS marks,
    least(user_turns, $person_user_turns) AS user_turns,
    turns < $brief_turns AND coalesce(duration_s < $brief_s, false) AS brief,
    ended,
    coalesce(phrases, []) AS phrases
FROM undecided LEFT JOIN hits USING (call_id) LEFT JOIN mark USING (call_id);
