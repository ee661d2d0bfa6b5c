-- undecided_turns: one row per turn of the calls in `undecided`, with its place in the log.
-- Reads: events, undecided.
CREATE OR REPLACE TEMP TABLE undecided_turns AS
SELECT stream_id, line_hash, call_id, turn_order(numbered, turn, ts) AS turn_order, turn, line_key
FROM events JOIN (SELECT call_id, numbered FROM undecided) USING (call_id)
WHERE event = 'turn';
