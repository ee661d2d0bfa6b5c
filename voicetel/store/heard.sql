-- Adds to `evidence` what was said in the calls whose kind is in $kinds: those that nothing but their words can decide.
-- Bound: $late_turns, the rules' setting.
UPDATE evidence
SET phrases = heard.phrases, kind = hash(kind, heard.phrases)
FROM (
    WITH
    spoken AS (
        SELECT
            call_id, user_phrases, agent_phrases,
            row_number() OVER (PARTITION BY call_id ORDER BY turn DESC NULLS FIRST, ts DESC, line_key DESC) <= $late_turns AS late
        FROM turns
        WHERE call_id IN (SELECT call_id FROM evidence WHERE kind IN (SELECT unnest($kinds)))
    ),
    hit AS (
        SELECT call_id, unnest(user_phrases) AS phrase, 'user' AS who, late FROM spoken
        UNION
        SELECT call_id, unnest(agent_phrases) AS phrase, 'agent' AS who, late FROM spoken
    )
    SELECT call_id, list({phrase: phrase, who: who, late: late} ORDER BY phrase, who, late) AS phrases
    FROM hit
    GROUP BY call_id
) AS heard
WHERE evidence.call_id = heard.call_id;
