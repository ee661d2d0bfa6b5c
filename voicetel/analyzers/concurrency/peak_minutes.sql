-- peak_minutes: one row per group (NULL: all) and minute that can hold the peak. There cannot be more calls at once in a minute than
-- there were at its begin and began in it; where that is less than there were at the begin of some other minute, it is left out.
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
