-- Adds to `turn_phrases` the phrases in some turns. A text that comes again is looked through once.
--   call_id, turn, ts, line_key, user_spoke   of the turn
--   user_phrases, agent_phrases     numbers of the outcome rules' phrases; NULL or empty: none
-- Reads: turn_lines (call_id, turn, ts, line_key, user_spoke, line_hash, content, parsable_content), where content is what stands in the log
-- at the line's position, and parsable_content the same as a reader of JSON takes it.
-- Needs: hash_of, of voicetel/store/ingest/line_contents.py.
-- In braces: what voicetel/outcomes/phrases/phrases.py generates. Bound: its parameters.
INSERT INTO turn_phrases
WITH
line AS MATERIALIZED (
    SELECT
        call_id, turn, ts, line_key, user_spoke,
        CASE WHEN starts_with(e."user".text, '"') THEN json_extract_string(e."user".text, '$') END AS user_text,
        CASE WHEN starts_with(e.agent.text, '"') THEN json_extract_string(e.agent.text, '$') END AS agent_text
    FROM (
        SELECT *, json_transform(decode(parsable_content), '{"user":{"text":"JSON"},"agent":{"text":"JSON"}}') AS e
        FROM turn_lines
        WHERE hash_of(content) = line_hash
    )
),
text AS (
    SELECT user_text AS text FROM line UNION SELECT agent_text FROM line
),
found AS MATERIALIZED (
    SELECT text, {phrases} AS phrases
    FROM (SELECT text, {normalised} AS normalised FROM text WHERE text IS NOT NULL)
)
SELECT call_id, turn, ts, line_key, user_spoke, u.phrases AS user_phrases, a.phrases AS agent_phrases
FROM line LEFT JOIN found AS u ON u.text = user_text LEFT JOIN found AS a ON a.text = agent_text
