-- One row per group and campaign, and one per campaign over all groups (group_id NULL). Each step counts calls that took all steps before it.
--   campaign         NULL: not logged
--   attempts         calls
--   connects         picked up, by a person or a machine: answered, a voicemail, a mark `answered`, or the other side spoke
--   answered         of them, those that count as answered
--   conversations    of them, those with at least two turns of the caller
--   successes        of them, those that ended as success
--   short_successes  answered calls that ended as success without a conversation
--   voicemails       calls that ended as voicemail
--   known_outcomes   calls of which it is known how they ended
--   known_endings    the same of conversations
--   known_connects, known_answers
--                    calls of which it is known whether they were picked up, and answered: they were, or it is known how they ended
--   known_connected_answers
--                    the second of those that were picked up
--   known_turns      answered calls of which a turn is logged
--   ninths           what all calls cost, exact, in ninths of the card's currency; NULL: no price
-- Reads: call_steps, priced_usage.
WITH cost AS (
    SELECT call_id, sum(ninths) AS ninths FROM priced_usage GROUP BY call_id
)
SELECT
    group_id, campaign,
    count(*) AS attempts,
    count(*) FILTER (is_connected) AS connects,
    count(*) FILTER (answered) AS answered,
    count(*) FILTER (is_conversation) AS conversations,
    count(*) FILTER (is_conversation AND outcome = 'success') AS successes,
    count(*) FILTER (answered AND NOT is_conversation AND outcome = 'success') AS short_successes,
    count(*) FILTER (outcome = 'voicemail') AS voicemails,
    count(*) FILTER (outcome <> 'unknown') AS known_outcomes,
    count(*) FILTER (is_conversation AND outcome <> 'unknown') AS known_endings,
    count(*) FILTER (is_connected OR outcome <> 'unknown') AS known_connects,
    count(*) FILTER (answered OR outcome <> 'unknown') AS known_answers,
    count(*) FILTER (is_connected AND (answered OR outcome <> 'unknown')) AS known_connected_answers,
    count(*) FILTER (answered AND has_turns) AS known_turns,
    sum(ninths) AS ninths
FROM call_steps LEFT JOIN cost USING (call_id)
GROUP BY GROUPING SETS ((group_id, campaign), (campaign));
