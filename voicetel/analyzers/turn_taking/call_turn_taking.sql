-- One row per selected call; the columns on speech are NULL where the time of some of its speech is not known.
--   duration_s                              NULL: not known
--   agent_turns                             in which the agent spoke
--   caller_over_agent, observed_turns         as call_interruptions has interruption_count and observed_turns
--   agent_over_caller, timed_agent_turns    turns in which a stretch of the agent's begins while the caller speaks, of those whose
--                                           times are known
--   false_interruptions                     marks of this kind
--   agent_talk_us, caller_talk_us           speech of each; time in which stretches of one side overlap counts once
--   first_to_last_sound_us                  from the first to the last sound
--   dead_airs, dead_air_us, longest_dead_air_us
--   agent_monologue_us, caller_monologue_us the longest speech of one side in which the other is silent, pauses left out
-- Reads: events, selected_calls, call_numbers, call_timing, speech_stretches, call_interruptions. Bound: $min_dead_air_us, the silence from which on it is dead air.
WITH
false_interruption AS (
    SELECT call_id, count(*) AS false_interruptions FROM events
    WHERE event = 'mark' AND kind = 'false_interruption'
    GROUP BY call_id
),
-- Most stretches are a monologue each; those of one side that follow each other are one together.
talk AS (
    SELECT
        call_number,
        coalesce(sum(end_us - begin_us) FILTER (NOT is_caller), 0) AS agent_talk_us,
        coalesce(sum(end_us - begin_us) FILTER (is_caller), 0) AS caller_talk_us,
        max(end_us) - min(begin_us) AS first_to_last_sound_us,
        count(*) FILTER (silence_us > $min_dead_air_us) AS dead_airs,
        coalesce(sum(silence_us) FILTER (silence_us > $min_dead_air_us), 0) AS dead_air_us,
        max(silence_us) FILTER (silence_us > $min_dead_air_us) AS longest_dead_air_us,
        max(end_us - begin_us) FILTER (NOT is_caller AND NOT continues AND NOT is_continued) AS agent_stretch_us,
        max(end_us - begin_us) FILTER (is_caller AND NOT continues AND NOT is_continued) AS caller_stretch_us
    FROM speech_stretches
    GROUP BY call_number
),
-- What a stretch has in common with earlier ones of its side. Few calls have any speech that overlaps other speech.
repeated AS (
    SELECT
        call_number,
        coalesce(sum(repeated_us) FILTER (NOT is_caller), 0) AS agent_repeated_us,
        coalesce(sum(repeated_us) FILTER (is_caller), 0) AS caller_repeated_us
    FROM (
        SELECT
            call_number, is_caller,
            greatest(least(end_us, coalesce(max(end_us) OVER of_side, begin_us)) - begin_us, 0) AS repeated_us
        FROM speech_stretches SEMI JOIN (SELECT call_number FROM speech_stretches WHERE silence_us < 0) USING (call_number)
        WINDOW of_side AS (
            PARTITION BY call_number, is_caller ORDER BY begin_us, end_us ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING))
    GROUP BY call_number
),
together AS (
    SELECT call_number, is_caller, sum(length_us) AS length_us
    FROM (
        SELECT
            call_number, monologue, is_caller,
            greatest(end_us - greatest(begin_us, coalesce(max(end_us) OVER of_monologue, begin_us)), 0) AS length_us
        FROM (
            SELECT
                *, count(*) FILTER (NOT continues) OVER (PARTITION BY call_number ORDER BY begin_us, end_us, is_caller) AS monologue
            FROM speech_stretches
            WHERE continues OR is_continued)
        WINDOW of_monologue AS (
            PARTITION BY call_number, monologue ORDER BY begin_us, end_us ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING))
    GROUP BY call_number, monologue, is_caller
),
longest AS (
    SELECT
        call_number,
        max(length_us) FILTER (NOT is_caller) AS agent_together_us,
        max(length_us) FILTER (is_caller) AS caller_together_us
    FROM together
    GROUP BY call_number
)
SELECT
    call_id, selected_calls.group_id, selected_calls.duration_s, selected_calls.agent_turns,
    call_interruptions.interruption_count AS caller_over_agent,
    call_interruptions.observed_turns,
    coalesce(agent_over_caller, 0) AS agent_over_caller,
    coalesce(timed_agent_turns, 0) AS timed_agent_turns,
    coalesce(false_interruptions, 0) AS false_interruptions,
    talk.* EXCLUDE (call_number, agent_stretch_us, caller_stretch_us)
        REPLACE (
            agent_talk_us - coalesce(agent_repeated_us, 0) AS agent_talk_us,
            caller_talk_us - coalesce(caller_repeated_us, 0) AS caller_talk_us),
    greatest(agent_stretch_us, agent_together_us) AS agent_monologue_us,
    greatest(caller_stretch_us, caller_together_us) AS caller_monologue_us
FROM selected_calls
JOIN call_numbers USING (call_id)
JOIN call_interruptions USING (call_id)
LEFT JOIN call_timing USING (call_number)
LEFT JOIN false_interruption USING (call_id)
LEFT JOIN talk USING (call_number)
LEFT JOIN repeated USING (call_number)
LEFT JOIN longest USING (call_number)
