-- response_turns: one row per turn whose response is known.
--   group_id
--   day, hour      when its call started, in the zone of the variable `timezone`: 2026-11-02, 2026-11-02 09:00
--   position       its place in the call, from 1; 12 stands for the 12th and all later ones
--   ms             eou_latency_ms
-- Reads: selected_turns, selected_calls.
CREATE OR REPLACE TEMP TABLE response_turns AS
SELECT
    selected_calls.group_id,
    date_trunc('hour', started_local) AS hour,
    least(position, 12) AS position,
    CAST(eou_latency_ms AS DOUBLE) AS ms
FROM (SELECT call_id, position, eou_latency_ms FROM selected_turns WHERE eou_latency_ms IS NOT NULL)
JOIN selected_calls USING (call_id);
