-- One row: the calls that go on at $at.
--   calls    begun, not ended by then, with an event in the $active_minutes before
-- Reads: recent_calls. Bound: $at, UTC; $active_minutes.
SELECT count(*) AS calls
FROM recent_calls
WHERE
    started_at <= CAST($at AS TIMESTAMP) AND (NOT ended OR ended_at > CAST($at AS TIMESTAMP))
    AND last_event_at > CAST($at AS TIMESTAMP) - to_minutes($active_minutes);
