-- One row per group, and one over all groups (group_id NULL): how many calls, of what length, when, and with what sentiment.
-- Reads: selected_calls.
SELECT
    group_id,
    count(*) AS calls,
    sum(turns) AS turns,
    sum(duration_s) AS duration_s,
    min(started_at) AS first_ts,
    max(last_event_at) AS last_ts,
    count(sentiment) AS sentiment_n,
    sum(sentiment) AS sentiment_sum
FROM selected_calls
GROUP BY GROUPING SETS ((group_id), ());
