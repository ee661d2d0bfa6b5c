-- One row per group, and moment of the last event of calls in progress; one per moment over all groups (group_id NULL).
--   last_event_in_progress    when the last event of a call in progress was; NULL: the calls are incomplete
--   calls
-- Reads: selected_calls.
SELECT group_id, CASE WHEN state = 'in_progress' THEN last_event_at END AS last_event_in_progress, count(*) AS calls
FROM selected_calls
WHERE state <> 'ended'
GROUP BY GROUPING SETS ((group_id, last_event_in_progress), (last_event_in_progress));
