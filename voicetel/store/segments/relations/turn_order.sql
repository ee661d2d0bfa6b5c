-- turn_order(numbered, turn, ts): what the turns of a call are ordered by, wherever a figure asks for the first, the last, the next
-- turn or for a position in the call: ORDER BY turn_order(numbered, turn, ts), turn, line_key.
-- Numbers go first, because a clock can be set back in a call. Where they do not tell the turns apart, as when an agent that was
-- restarted in mid-call begins at 1 again, they say nothing of the order, and the turns of both runs would alternate: then ts does.
--   numbered   of the call: calls.numbered
CREATE OR REPLACE MACRO turn_order(numbered, turn, ts) AS CASE WHEN numbered THEN turn ELSE epoch_us(ts) END;
