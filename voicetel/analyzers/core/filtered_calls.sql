-- One row per call that is wanted; the columns of calls, and
--   state      ended; in_progress: no call_ended, but its last event is at most an hour older than the newest in the logs;
--              incomplete: no call_ended, and older than that
-- What stands in braces: wanted, which calls.
SELECT
    *,
    CASE
        WHEN ended THEN 'ended'
        WHEN last_event_at >= (SELECT max(last_event_at) FROM calls) - INTERVAL 1 HOUR THEN 'in_progress'
        ELSE 'incomplete'
    END AS state
FROM calls
WHERE {wanted};
