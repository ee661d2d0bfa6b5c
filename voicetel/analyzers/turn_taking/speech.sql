-- speech: one row per stretch of speech of the calls in which the time of all speech is known, in the order of their beginnings.
--   who          caller or agent
--   silence_us   between the end of all speech before it and its beginning; below 0 where it overlaps; NULL for the first
--   monologue    number of the run of stretches in which only this side speaks
-- Reads: timed_turns.
CREATE OR REPLACE TEMP TABLE speech AS
WITH
timed AS (
    SELECT call_id FROM timed_turns GROUP BY call_id
    HAVING bool_and(user_us IS NOT NULL OR NOT user_spoke) AND bool_and(spans IS NOT NULL OR NOT agent_spoke)
),
voiced AS (
    SELECT call_id, 'caller' AS who, user_us AS begin_us, user_end_us AS end_us FROM timed_turns WHERE user_us IS NOT NULL
    UNION ALL
    SELECT call_id, 'agent', span[1], span[2] FROM (SELECT call_id, unnest(spans) AS span FROM timed_turns)
),
ordered AS (
    SELECT
        voiced.*,
        begin_us - max(end_us) OVER (before ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS silence_us,
        coalesce(who <> lag(who) OVER before, false) AS changes
    FROM voiced SEMI JOIN timed USING (call_id)
    WINDOW before AS (PARTITION BY call_id ORDER BY begin_us, end_us, who)
)
SELECT
    * EXCLUDE (changes),
    count(*) FILTER (changes) OVER (PARTITION BY call_id ORDER BY begin_us, end_us, who) AS monologue
FROM ordered;
