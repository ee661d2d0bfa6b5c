-- calls_with_state: one row per call of the logs, with the columns of calls, and
--   state           ended; in_progress: no call_ended, but its last event is not much older than the newest in the logs (is_in_progress);
--                   incomplete: no call_ended, and older than that
--   transferred     it was passed on: a mark `transfer`, or the end_reason `transfer`; NULL: it does not say
--   started_local   when it started, in the zone of the macro local_time
-- Reads: calls; local_time, is_in_progress.
CREATE OR REPLACE TEMP VIEW calls_with_state AS
SELECT
    *,
    CASE
        WHEN ended THEN 'ended'
        WHEN is_in_progress(last_event_at, (SELECT max(last_event_at) FROM calls)) THEN 'in_progress'
        ELSE 'incomplete'
    END AS state,
    CASE
        WHEN list_contains(marks, 'transfer') OR end_reason = 'transfer' THEN true
        WHEN ended AND end_reason IS NOT NULL THEN false
    END AS transferred,
    local_time(started_at) AS started_local
FROM calls;
