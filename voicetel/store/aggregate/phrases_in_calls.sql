-- Adds to `evidence` the phrases in the calls whose turns are in `turn_phrases`: those that nothing but their transcripts can decide.
-- Bound: $late_turns, the rules' setting; $opening_phrases, the numbers of what machines answer with; $most_person_turns, the most that any rule asks for: more make no difference.
UPDATE evidence
SET phrases = found.phrases, person_turns = found.person_turns, evidence_hash = hash(evidence_hash, found.phrases, found.person_turns)
FROM (
    WITH
    turn_in_order AS (
        SELECT
            call_id, user_phrases, agent_phrases,
            row_number() OVER (PARTITION BY call_id ORDER BY turn_order(numbered, turn, ts) DESC, turn DESC NULLS FIRST, line_key DESC) AS from_end,
            user_spoke AND NOT coalesce(list_has_any(user_phrases, $opening_phrases), false) AS person
        FROM turn_phrases JOIN (SELECT call_id, numbered FROM aggregated_calls) USING (call_id)
    ),
    -- Grouped and joined, not windowed: a window over a call of a million turns would take minutes.
    person_turn AS (
        SELECT call_id, count(*) AS person_turns, max(from_end) AS first_from_end
        FROM turn_in_order
        WHERE person
        GROUP BY call_id
    ),
    turn AS (
        SELECT
            call_id, user_phrases, agent_phrases, from_end <= $late_turns AS late,
            from_end > coalesce(first_from_end, 0) AS opening,
            least(coalesce(person_turns, 0), $most_person_turns) AS person_turns
        FROM turn_in_order LEFT JOIN person_turn USING (call_id)
    ),
    hit AS (
        SELECT call_id, unnest(user_phrases) AS phrase, 'user' AS who, late, opening, person_turns FROM turn
        UNION
        SELECT call_id, unnest(agent_phrases) AS phrase, 'agent' AS who, late, opening, person_turns FROM turn
    )
    SELECT
        call_id, any_value(person_turns) AS person_turns,
        list({phrase: phrase, who: who, late: late, opening: opening} ORDER BY phrase, who, late, opening) AS phrases
    FROM hit
    GROUP BY call_id
) AS found
WHERE evidence.call_id = found.call_id;
