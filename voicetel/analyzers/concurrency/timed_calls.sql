-- timed_calls: one row per call whose length is known and above 0.
--   group_id
--   started_at, ended_at   UTC
-- Reads: selected_calls.
SELECT group_id, started_at, started_at + to_microseconds(CAST(round(duration_s * 1000000) AS BIGINT)) AS ended_at
FROM selected_calls
WHERE duration_s > 0
