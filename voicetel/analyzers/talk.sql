-- Who spoke when, over whom and for how long, of the selected calls. Four tables; times are µs since the epoch.
-- Bound: $dead_air_us, the silence from which on it is dead air.

-- timed_turns: one row per turn.
--   spans                          [[begin, end], …] of the agent's audio; NULL: not known
--   next_user_us                   where the caller of the next turn begins
--   next_user_end_us               and ends
--   made_s                         seconds of audio that its TTS operations made
CREATE OR REPLACE TEMP TABLE timed_turns AS
WITH turn AS (
    SELECT
        call_id, part, turn, ts, line_key, user_spoke, agent_spoke, interrupted, interrupted_by,
        epoch_us(ts) + CAST(user_start_ms * 1000 AS BIGINT) AS user_us,
        epoch_us(ts) + CAST(user_end_ms * 1000 AS BIGINT) AS user_end_us,
        list_transform(
            list_filter(
                CASE WHEN len(agent_spans) > 0 THEN agent_spans ELSE [[agent_start_ms, agent_end_ms]] END,
                lambda span: span[2] >= span[1]),
            lambda span: [epoch_us(ts) + CAST(span[1] * 1000 AS BIGINT), epoch_us(ts) + CAST(span[2] * 1000 AS BIGINT)]) AS spans,
        list_sum(list_transform(list_filter(operations, lambda o: o.stage = 'tts'), lambda o: o.audio_s)) AS made_s
    FROM {turns}
)
SELECT
    * EXCLUDE (spans, user_us, user_end_us),
    CASE WHEN agent_spoke AND len(spans) > 0 THEN spans END AS spans,
    CASE WHEN user_spoke AND user_end_us >= user_us THEN user_us END AS user_us,
    CASE WHEN user_spoke AND user_end_us >= user_us THEN user_end_us END AS user_end_us,
    lead(CASE WHEN user_spoke THEN user_us END) OVER following AS next_user_us,
    lead(CASE WHEN user_spoke THEN user_end_us END) OVER following AS next_user_end_us
FROM turn
WINDOW following AS (PARTITION BY call_id ORDER BY turn, ts, line_key);

-- interrupted_turns: one row per turn of the agent that its caller stopped (by the rule of interruptions.sql).
--   overrun_us            from the caller's first sound to the agent's last; NULL: not known
--   played_us, made_us    audio that was heard, and that was made; NULL unless both are known
CREATE OR REPLACE TEMP TABLE interrupted_turns AS
WITH flagged AS (
    SELECT call_id, coalesce(bool_or(agent_spoke AND interrupted IS NOT NULL), false) AS has_flag FROM timed_turns GROUP BY call_id
)
SELECT
    call_id, part,
    CASE WHEN next_user_us BETWEEN spans[1][1] AND spans[-1][2] THEN spans[-1][2] - next_user_us END AS overrun_us,
    CASE WHEN made_s > 0 THEN list_sum(list_transform(spans, lambda span: span[2] - span[1])) END AS played_us,
    CASE WHEN made_s > 0 AND spans IS NOT NULL THEN CAST(made_s * 1000000 AS BIGINT) END AS made_us
FROM timed_turns JOIN flagged USING (call_id)
WHERE agent_spoke AND CASE
    WHEN has_flag THEN interrupted AND coalesce(interrupted_by, 'caller') = 'caller'
    ELSE len(list_filter(spans, lambda span: next_user_us > span[1] AND next_user_us < span[2])) > 0
END;

-- speech: one row per stretch of speech of the calls in which the time of all speech is known, in the order of their beginnings.
--   who          caller or agent
--   silence_us   between the end of all speech before it and its beginning; below 0 where it overlaps; NULL for the first
--   stretch      number of the run of stretches in which only this side speaks
CREATE OR REPLACE TEMP TABLE speech AS
WITH
timed AS (
    SELECT call_id FROM timed_turns GROUP BY call_id
    HAVING bool_and(user_us IS NOT NULL OR NOT user_spoke) AND bool_and(spans IS NOT NULL OR NOT agent_spoke)
),
said AS (
    SELECT call_id, 'caller' AS who, user_us AS begin_us, user_end_us AS end_us FROM timed_turns WHERE user_us IS NOT NULL
    UNION ALL
    SELECT call_id, 'agent', span[1], span[2] FROM (SELECT call_id, unnest(spans) AS span FROM timed_turns)
),
ordered AS (
    SELECT
        said.*,
        begin_us - max(end_us) OVER (before ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS silence_us,
        coalesce(who <> lag(who) OVER before, false) AS changes
    FROM said SEMI JOIN timed USING (call_id)
    WINDOW before AS (PARTITION BY call_id ORDER BY begin_us, end_us, who)
)
SELECT
    * EXCLUDE (changes),
    count(*) FILTER (changes) OVER (PARTITION BY call_id ORDER BY begin_us, end_us, who) AS stretch
FROM ordered;

-- call_talk: one row per selected call; the columns on talk are NULL where the time of some of its speech is not known.
--   duration_s                              NULL: not known
--   agent_turns                             in which the agent spoke
--   caller_over_agent                       as call_interruptions has it
--   agent_over_caller, timed_agent_turns    turns in which a stretch of the agent's begins while the caller speaks, of those whose
--                                           times are known
--   false_interruptions                     marks of this kind
--   agent_talk_us, caller_talk_us           speech of each
--   spoken_us                               from the first to the last sound
--   dead_airs, dead_air_us, longest_dead_air_us
--   agent_monologue_us, caller_monologue_us the longest speech of one side without a word of the other, pauses left out
CREATE OR REPLACE TEMP TABLE call_talk AS
WITH
over_caller AS (
    SELECT
        call_id,
        count(*) FILTER (spans IS NOT NULL) AS timed_agent_turns,
        count(*) FILTER (len(list_filter(spans, lambda span:
            (span[1] > user_us AND span[1] < user_end_us) OR (span[1] > next_user_us AND span[1] < next_user_end_us))) > 0
        ) AS agent_over_caller
    FROM timed_turns
    GROUP BY call_id
),
false_interruption AS (
    SELECT call_id, count(*) AS false_interruptions FROM events
    WHERE event = 'mark' AND kind = 'false_interruption'
    GROUP BY call_id
),
talk AS (
    SELECT
        call_id,
        coalesce(sum(end_us - begin_us) FILTER (who = 'agent'), 0) AS agent_talk_us,
        coalesce(sum(end_us - begin_us) FILTER (who = 'caller'), 0) AS caller_talk_us,
        max(end_us) - min(begin_us) AS spoken_us,
        count(*) FILTER (silence_us > $dead_air_us) AS dead_airs,
        coalesce(sum(silence_us) FILTER (silence_us > $dead_air_us), 0) AS dead_air_us,
        max(silence_us) FILTER (silence_us > $dead_air_us) AS longest_dead_air_us
    FROM speech
    GROUP BY call_id
),
monologue AS (
    SELECT
        call_id,
        max(length_us) FILTER (who = 'agent') AS agent_monologue_us,
        max(length_us) FILTER (who = 'caller') AS caller_monologue_us
    FROM (SELECT call_id, stretch, who, sum(end_us - begin_us) AS length_us FROM speech GROUP BY ALL)
    GROUP BY call_id
)
SELECT
    call_id, judged.part, judged.duration_s, judged.agent_turns,
    call_interruptions.interruption_count AS caller_over_agent,
    coalesce(agent_over_caller, 0) AS agent_over_caller,
    coalesce(timed_agent_turns, 0) AS timed_agent_turns,
    coalesce(false_interruptions, 0) AS false_interruptions,
    talk.* EXCLUDE (call_id),
    monologue.* EXCLUDE (call_id)
FROM {selected_calls} AS judged
JOIN call_interruptions USING (call_id)
LEFT JOIN over_caller USING (call_id)
LEFT JOIN false_interruption USING (call_id)
LEFT JOIN talk USING (call_id)
LEFT JOIN monologue USING (call_id);
