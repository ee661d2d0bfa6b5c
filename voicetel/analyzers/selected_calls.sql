-- selected_calls: one row per call that is wanted; the columns of calls, and
--   state      ended; in_progress: no call_ended, but its last event is at most an hour older than the newest in the logs;
--              incomplete: no call_ended, and older than that
-- Bound: $since, $until (UTC, NULL: open), $agents, $campaigns, $languages, $call_ids (empty: all).
CREATE OR REPLACE TEMP TABLE selected_calls AS
SELECT
    *,
    CASE
        WHEN ended THEN 'ended'
        WHEN last_event_at >= (SELECT max(last_event_at) FROM calls) - INTERVAL 1 HOUR THEN 'in_progress'
        ELSE 'incomplete'
    END AS state
FROM calls
WHERE ($since IS NULL OR started_at >= $since)
    AND ($until IS NULL OR started_at < $until)
    AND (len($agents) = 0 OR list_contains($agents, agent_name))
    AND (len($campaigns) = 0 OR list_contains($campaigns, campaign))
    AND (len($languages) = 0 OR list_contains($languages, language))
    AND (len($call_ids) = 0 OR list_contains($call_ids, call_id));
