-- positioned_turns: one row per turn that counts, with the columns of turns, and
--   position    its place in the call, from 1, in the order of turn_order.sql
CREATE OR REPLACE VIEW positioned_turns AS
SELECT
    turns.*,
    row_number() OVER (PARTITION BY call_id ORDER BY turn_order(numbered, turn, ts), turn, line_key) AS position
FROM turns JOIN (SELECT call_id, numbered FROM calls) USING (call_id);
