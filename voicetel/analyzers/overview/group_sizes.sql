-- One row per group of turns or operations.
--   group_id
--   calls     that have a turn or an operation in it; a call can be in several groups
--   turns     NULL: it has none of its own
-- Reads: selected_turns, selected_usage.
WITH
call AS (
    SELECT group_id, call_id FROM selected_turns
    UNION
    SELECT group_id, call_id FROM selected_usage
),
turn AS (
    SELECT group_id, count(*) AS turns FROM selected_turns GROUP BY group_id
)
SELECT group_id, count(*) AS calls, any_value(turns) AS turns
FROM call LEFT JOIN turn USING (group_id)
WHERE group_id >= 0
GROUP BY group_id;
