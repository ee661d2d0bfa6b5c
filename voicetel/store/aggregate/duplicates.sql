-- One row per event that another line of the same key supersedes: of lines of one key in one call the one with the latest ts
-- counts, of one ts the one with the smallest hash; of identical lines the one that was read first.
--   is_repeat   it says nothing that the line which counts does not say
-- Reads: stored_events without deleted_events (segment, row), and duplicate_keys (line_key).
SELECT
    segment, row,
    line_hash = first_value(line_hash) OVER same_key AND unknown_values_line IS NULL AS is_repeat
FROM stored_events
SEMI JOIN duplicate_keys USING (line_key)
ANTI JOIN deleted_events USING (segment, row)
WINDOW same_key AS (PARTITION BY line_key, call_id ORDER BY ts DESC, line_hash, segment, row)
QUALIFY row_number() OVER same_key > 1
