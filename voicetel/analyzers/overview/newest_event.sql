-- One row: the moment of the newest event of all calls, selected or not.
-- Reads: calls.
SELECT max(last_event_at) AS newest FROM calls;
