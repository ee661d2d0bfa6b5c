-- event_places: one row per event of the selected calls that is a turn or called providers: where it stands in its call.
--   source, line_key      the event
--   turn_index            of a turn: its number as logged; where a call's numbers are missing or come twice, its place; else NULL
--   operations_before     how many operations the call's earlier events have, by time
--   is_flagged            some turn of the call says whether the agent was interrupted
CREATE OR REPLACE TEMP TABLE event_places AS
WITH
numbering AS (
    SELECT
        call_id,
        count(DISTINCT turn) = count(*) AS is_numbered,
        coalesce(bool_or(agent_spoke AND interrupted IS NOT NULL), false) AS is_flagged
    FROM turns JOIN judged_calls USING (call_id)
    GROUP BY call_id
),
place AS (
    SELECT source, line_key, CASE WHEN is_numbered THEN turn ELSE place END AS turn_index, is_flagged
    FROM turns JOIN numbering USING (call_id)
),
called AS (
    SELECT
        source, line_key,
        sum(operations) OVER (PARTITION BY call_id ORDER BY ts, line_key) - operations AS operations_before
    FROM (
        SELECT source, line_key, any_value(call_id) AS call_id, any_value(ts) AS ts, count(*) AS operations
        FROM operations JOIN judged_calls USING (call_id)
        GROUP BY source, line_key
    )
)
SELECT source, line_key, turn_index, is_flagged, CAST(operations_before AS BIGINT) AS operations_before
FROM place FULL JOIN called USING (source, line_key);
