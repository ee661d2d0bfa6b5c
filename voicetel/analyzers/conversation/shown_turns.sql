-- shown_turns: one row per turn that is shown of calls that are shown in part.
--   call_id, stream_id, line_key
--   position              its place in the call, from 1
--   next_ts               when the next turn begins, UTC; NULL: it is the last
--   turns                 how many turns the call has
--   slowest_position      which of them has the slowest response, the first of several; NULL: of none it is known
-- Reads: turns, calls. Bound: $calls; $max_turns turns of each, from the $first on, or $around_slowest: with the slowest in their middle.
CREATE OR REPLACE TEMP TABLE shown_turns AS
WITH
-- The places that turns have of their own would be worked out for those of all calls.
positioned AS (
    SELECT
        call_id, stream_id, line_key, eou_latency_ms,
        row_number() OVER following AS position,
        lead(ts) OVER following AS next_ts
    FROM turns JOIN (SELECT call_id, numbered FROM calls) USING (call_id)
    WHERE call_id IN (SELECT unnest($calls))
    WINDOW following AS (PARTITION BY call_id ORDER BY turn_order(numbered, turn, ts), turn, line_key)
),
call AS (
    SELECT
        call_id,
        count(*) AS turns,
        arg_min(position, {ms: -eou_latency_ms, position: position}) FILTER (eou_latency_ms IS NOT NULL) AS slowest_position
    FROM positioned
    GROUP BY call_id
),
begun AS (
    SELECT
        *,
        CASE
            WHEN $around_slowest THEN greatest(1, least(coalesce(slowest_position, 1) - $max_turns // 2, turns - $max_turns + 1))
            ELSE $first
        END AS first_position
    FROM call
)
SELECT call_id, stream_id, line_key, position, next_ts, turns, slowest_position
FROM positioned JOIN begun USING (call_id)
WHERE position BETWEEN first_position AND first_position + $max_turns - 1;
