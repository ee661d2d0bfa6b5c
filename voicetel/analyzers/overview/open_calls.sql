-- One row per group that has calls without an end, and one over all groups (group_id NULL): how many of each state, by the newest
-- event of all calls, as calls_with_state.sql has it.
-- Reads: open_call_times, newest_event; is_in_progress.
SELECT
    group_id,
    coalesce(sum(calls) FILTER (last_event_in_progress IS NULL OR NOT is_in_progress(last_event_in_progress, newest)), 0) AS incomplete_calls,
    coalesce(sum(calls) FILTER (is_in_progress(last_event_in_progress, newest)), 0) AS in_progress_calls
FROM open_call_times, newest_event
GROUP BY group_id;
