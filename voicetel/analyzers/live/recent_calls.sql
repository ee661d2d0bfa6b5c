-- recent_calls: one row per selected call with an event after $since.
--   call_id, started_at, last_event_at, ended, outcome, duration_s    as in calls
--   ended_at      when it ended: its start and its length, or its last event where no length is known; NULL: it has not
-- Reads: selected_calls. Bound: $since, UTC.
SELECT
    call_id, started_at, last_event_at, ended, outcome, duration_s,
    CASE
        WHEN ended THEN coalesce(started_at + to_microseconds(CAST(duration_s * 1000000 AS BIGINT)), last_event_at)
    END AS ended_at
FROM selected_calls
WHERE last_event_at > CAST($since AS TIMESTAMP);
