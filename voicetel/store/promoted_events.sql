-- One row per event (id: its rowid in duplicates) that counts again, because what had beaten it is gone.
CREATE OR REPLACE TEMP TABLE promoted AS
SELECT duplicates.rowid AS id, duplicates.call_id
FROM duplicates ANTI JOIN events USING (line_key, call_id)
QUALIFY row_number() OVER (PARTITION BY line_key, call_id ORDER BY line_hash, batch, source, duplicates.rowid) = 1;
