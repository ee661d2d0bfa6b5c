-- Adds to `evidence` the phrases in the calls whose turns are in `turn_phrases`: those that nothing but their transcripts can decide.
-- Bound: $late_turns, the rules' setting; $machine_greeting_phrases, the numbers of what machines answer with; $max_turns_by_person, the most that any rule asks for: more make no difference.
UPDATE evidence
SET phrases = found.phrases, turns_by_person = found.turns_by_person, evidence_hash = hash(evidence_hash, found.phrases, found.turns_by_person)
FROM (
    WITH
    turn_in_order AS (
        SELECT
            call_id, user_phrases, agent_phrases,
            row_number() OVER (PARTITION BY call_id ORDER BY turn_order(numbered, turn, ts) DESC, turn DESC NULLS FIRST, line_key DESC) AS from_end,
            user_spoke AND NOT coalesce(list_has_any(user_phrases, $machine_greeting_phrases), false) AS is_by_person
        FROM turn_phrases JOIN (SELECT call_id, numbered FROM aggregated_calls) USING (call_id)
    ),
    -- Grouped and joined, not windowed: a window over a call of a million turns would take minutes.
    turns_of_person AS (
        SELECT call_id, count(*) AS turns_by_person, max(from_end) AS first_from_end
        FROM turn_in_order
        WHERE is_by_person
        GROUP BY call_id
    ),
    turn AS (
        SELECT
            call_id, user_phrases, agent_phrases, from_end <= $late_turns AS late,
            from_end > coalesce(first_from_end, 0) AS before_person,
            least(coalesce(turns_by_person, 0), $max_turns_by_person) AS turns_by_person
        FROM turn_in_order LEFT JOIN turns_of_person USING (call_id)
    ),
    hit AS (
        SELECT call_id, unnest(user_phrases) AS phrase, 'user' AS who, late, before_person, turns_by_person FROM turn
        UNION
        SELECT call_id, unnest(agent_phrases) AS phrase, 'agent' AS who, late, before_person, turns_by_person FROM turn
    )
    SELECT
        call_id, any_value(turns_by_person) AS turns_by_person,
        list({phrase: phrase, who: who, late: late, before_person: before_person} ORDER BY phrase, who, late, before_person) AS phrases
    FROM hit
    GROUP BY call_id
) AS found
WHERE evidence.call_id = found.call_id;
