-- speech_stretches: one row per stretch of speech of the calls in which the time of all speech is known, in the order of their beginnings.
--   call_number
--   is_caller              the caller's; else the agent's
--   begin_us, end_us
--   silence_us             between the end of all speech before it and its beginning; below 0 where it overlaps; NULL for the first
--   continues              the stretch before it is of the same side
--   is_continued           the stretch behind it is of the same side
-- Reads: turn_times, call_timing.
CREATE OR REPLACE TEMP TABLE speech_stretches AS
WITH
stretch AS (
    SELECT call_number, true AS is_caller, user_start_us AS begin_us, user_end_us AS end_us FROM turn_times WHERE user_start_us IS NOT NULL
    UNION ALL
    SELECT call_number, false, agent_start_us, agent_end_us FROM turn_times WHERE agent_start_us IS NOT NULL AND spans IS NULL
    UNION ALL
    SELECT call_number, false, span[1], span[2]
    FROM (SELECT call_number, unnest(spans) AS span FROM turn_times WHERE spans IS NOT NULL)
)
SELECT
    stretch.*,
    begin_us - max(end_us) OVER (before ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS silence_us,
    coalesce(is_caller = lag(is_caller) OVER before, false) AS continues,
    coalesce(is_caller = lead(is_caller) OVER before, false) AS is_continued
FROM stretch SEMI JOIN (FROM call_timing WHERE is_fully_timed) USING (call_number)
WINDOW before AS (PARTITION BY call_number ORDER BY begin_us, end_us, is_caller);
