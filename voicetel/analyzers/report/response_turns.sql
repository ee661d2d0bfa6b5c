-- response_turns: one row per turn whose response is known.
--   group_id
--   hour           when its call started, in the zone of the selection: 2026-11-02 09:00
--   position       its place in the call, from 1; 12 stands for the 12th and all later ones
--   ms             eou_latency_ms
-- Where the turns of a call have numbers of their own from 0 to 62, as they mostly do, they are bits of one number, and the place of a
-- turn is how many bits stand below its own: nothing has to be put in order.
-- Reads: turns, selected_calls.
CREATE OR REPLACE TEMP TABLE response_turns AS
WITH
turn_numbers AS (
    SELECT call_id, bit_or(CASE WHEN turn BETWEEN 0 AND 62 THEN CAST(1 AS BIGINT) << turn END) AS numbers FROM turns GROUP BY call_id
),
call AS (
    SELECT
        call_id, group_id, date_trunc('hour', started_local) AS hour, numbers, call.numbered,
        coalesce(bit_count(numbers) = turns, false) AS has_small_numbers
    FROM selected_calls AS call JOIN turn_numbers USING (call_id)
),
positioned AS (
    SELECT call_id, eou_latency_ms, row_number() OVER (PARTITION BY call_id ORDER BY turn_order(numbered, turn, ts), turn, line_key) AS position
    FROM turns JOIN (SELECT call_id, numbered FROM call WHERE NOT has_small_numbers) USING (call_id)
)
SELECT group_id, hour, least(bit_count(numbers & ((CAST(1 AS BIGINT) << turn) - 1)) + 1, 12) AS position, CAST(eou_latency_ms AS DOUBLE) AS ms
FROM (SELECT call_id, turn, eou_latency_ms FROM turns WHERE turn BETWEEN 0 AND 62 AND eou_latency_ms IS NOT NULL)
JOIN call USING (call_id)
WHERE has_small_numbers
UNION ALL
SELECT group_id, hour, least(position, 12), CAST(eou_latency_ms AS DOUBLE)
FROM positioned JOIN call USING (call_id)
WHERE eou_latency_ms IS NOT NULL;
