-- One row: whether any event of $batch shares its key with another event. Asked of keys alone, which is cheap; the answer
-- is nearly always no.
SELECT
    (SELECT count(*) <> count(DISTINCT line_key) FROM events WHERE batch = $batch)
    OR EXISTS (
        SELECT 1 FROM events
        WHERE batch <> $batch AND line_key IN (SELECT line_key FROM events WHERE batch = $batch)) AS has_duplicates;
