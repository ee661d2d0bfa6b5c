-- turns_to_count_words: one row per selected turn in which the agent spoke for a time that is known.
--   group_id, call_id
--   stream_id, line_hash   where it stands
--   played_ms           audio of the agent that was played: the sum of its spans, where there are none from its beginning to its end
-- Reads: selected_turns, events.
CREATE OR REPLACE TEMP TABLE turns_to_count_words AS
SELECT turns.group_id, turns.call_id, events.stream_id, events.line_hash, turns.played_ms
FROM (
    SELECT
        group_id, call_id, stream_id, line_key,
        CASE
            WHEN len(agent_spans) > 0 THEN list_sum(list_transform(agent_spans, lambda span: span[2] - span[1]))
            ELSE agent_end_ms - agent_start_ms
        END AS played_ms
    FROM selected_turns
    WHERE agent_spoke
) AS turns
JOIN events ON events.stream_id = turns.stream_id AND events.line_key = turns.line_key AND events.event = 'turn'
WHERE turns.played_ms > 0;
