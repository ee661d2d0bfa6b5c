-- Adds to `evidence` what was said in the calls whose kind is in $kinds: those that nothing but their words can decide.
-- Bound: $late_turns, the rules' setting; $opening_phrases, the numbers of what machines answer with; $most_person_turns.
UPDATE evidence
SET phrases = heard.phrases, person_turns = heard.person_turns, kind = hash(kind, heard.phrases, heard.person_turns)
FROM (
    WITH
    turn_in_order AS (
        SELECT
            call_id, user_phrases, agent_phrases,
            row_number() OVER (PARTITION BY call_id ORDER BY turn DESC NULLS FIRST, ts DESC, line_key DESC) AS from_end,
            user_spoke AND NOT coalesce(list_has_any(user_phrases, $opening_phrases), false) AS person
        FROM turns
        WHERE call_id IN (SELECT call_id FROM evidence WHERE kind IN (SELECT unnest($kinds)))
    ),
    spoken AS (
        SELECT
            call_id, user_phrases, agent_phrases, from_end <= $late_turns AS late,
            count(*) FILTER (person) OVER (PARTITION BY call_id ORDER BY from_end DESC) = 0 AS opening,
            least(count(*) FILTER (person) OVER (PARTITION BY call_id), $most_person_turns) AS person_turns
        FROM turn_in_order
    ),
    hit AS (
        SELECT call_id, unnest(user_phrases) AS phrase, 'user' AS who, late, opening, person_turns FROM spoken
        UNION
        SELECT call_id, unnest(agent_phrases) AS phrase, 'agent' AS who, late, opening, person_turns FROM spoken
    )
    SELECT
        call_id, any_value(person_turns) AS person_turns,
        list({phrase: phrase, who: who, late: late, opening: opening} ORDER BY phrase, who, late, opening) AS phrases
    FROM hit
    GROUP BY call_id
) AS heard
WHERE evidence.call_id = heard.call_id;
