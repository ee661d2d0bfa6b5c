-- peak_minutes: one row per group (NULL: all) and minute that can hold the peak: even if no call had ended in it before the last one
-- began, there would be as many calls as there are at the begin of some minute.
--   minute   UTC
--   calls    calls at its begin
-- Reads: call_minutes.
CREATE OR REPLACE TEMP TABLE peak_minutes AS
SELECT group_id, minute, calls
FROM (
    SELECT
        group_id, minute, started,
        coalesce(sum(started - ended) OVER (
            PARTITION BY group_id ORDER BY minute ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS calls
    FROM call_minutes)
WHERE started > 0
QUALIFY calls + started >= max(calls) OVER (PARTITION BY group_id);
