-- sample_turns: one row per turn of the sampled calls.
--   number           of its call, as in sample_calls
--   the latencies    in thousandths of a ms, whole numbers, so that sums of them are exact
-- Reads: turn_latencies, sample_calls.
CREATE OR REPLACE TEMP VIEW sample_turns AS
SELECT CAST(number AS INTEGER) AS number, CAST(COLUMNS(latency.* EXCLUDE (call_id)) * 1000 AS INTEGER) AS '\0'
FROM (SELECT * EXCLUDE (group_id, impossible) FROM turn_latencies) AS latency
JOIN sample_calls USING (call_id);
