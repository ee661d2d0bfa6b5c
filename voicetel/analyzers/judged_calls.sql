-- judged_calls: one row per selected call, with the verdict on how it ended and the number of its group.
--   … the columns of selected_calls, those of the outcome replaced by the verdict's:
--   outcome, outcome_confidence (0 to 1), outcome_reason, outcome_source, answered
--   part       number of the group, from 0
--   key        the group's values, as text
CREATE OR REPLACE TEMP TABLE judged_calls AS
WITH part AS (
    SELECT key, row_number() OVER (ORDER BY key) - 1 AS part FROM (SELECT DISTINCT key FROM keyed)
)
SELECT verdicts_of_calls.*, part.part, part.key
FROM verdicts_of_calls JOIN keyed USING (call_id) JOIN part USING (key);
