-- period_turns: one row per turn of recent_turns that began in a period, with the columns of these, and
--   is_slow    its response took longer than $slow_ms; NULL: it is not known how long it took
-- Reads: recent_turns. Bound: $since and $at, UTC, between which the period lies, the end included; $slow_ms.
CREATE OR REPLACE TEMP TABLE period_turns AS
SELECT *, eou_latency_ms > $slow_ms AS is_slow
FROM recent_turns
WHERE ts > CAST($since AS TIMESTAMP) AND ts <= CAST($at AS TIMESTAMP);
