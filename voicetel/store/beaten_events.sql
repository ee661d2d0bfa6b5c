-- One row per event (id: its rowid) that another line of the same key beats, seen from the keys of $batch. Of two lines with
-- one key the one with the smaller hash counts, whichever was read first; of identical lines the one that counts already.
CREATE OR REPLACE TEMP TABLE beaten AS
SELECT rowid AS id, batch, call_id
FROM events
WHERE line_key IN (SELECT line_key FROM events WHERE batch = $batch)
QUALIFY row_number() OVER (PARTITION BY line_key, call_id ORDER BY line_hash, batch, source, rowid) > 1;
