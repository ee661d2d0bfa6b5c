-- One row per group and campaign, and one per campaign over all groups (group_id NULL): the people whom its calls were to.
--   contacts    different ones, told apart by a hash of the tag
--   attempts    calls that name one
--   reached     contacts of whom at least one call was answered
--   known       calls that name one of which it is known whether they were answered
-- Reads: selected_calls, logged_details with the tag that names the contact as its only one.
WITH attempt AS (
    SELECT group_id, campaign, answered, answered OR outcome <> 'unknown' AS is_known, sha256(tag_values[1]) AS contact
    FROM selected_calls JOIN logged_details USING (call_id)
    WHERE tag_values[1] IS NOT NULL
)
SELECT
    group_id, campaign,
    count(DISTINCT contact) AS contacts,
    count(*) AS attempts,
    count(DISTINCT contact) FILTER (answered) AS reached,
    count(*) FILTER (is_known) AS known
FROM attempt
GROUP BY GROUPING SETS ((group_id, campaign), (campaign));
