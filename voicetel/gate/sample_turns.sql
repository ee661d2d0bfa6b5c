-- sample_turns: one row per turn of the sampled calls: the number of its call and the latencies in thousandths of a ms, whole numbers,
-- so that sums of them are exact.
-- What stands in braces: latencies, for each the column of its name.
CREATE OR REPLACE TEMP TABLE sample_turns AS
SELECT CAST(number AS INTEGER) AS number, {latencies}
FROM turns JOIN sample_calls USING (call_id);
