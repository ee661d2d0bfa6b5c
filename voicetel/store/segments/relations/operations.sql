-- operations: one row per call to a provider.
--   stream_id, line_key         where it comes from: number of the log stream, key of the line
--   event                       turn, call_ended or usage
--   call_id
--   turn                        number of the turn; NULL outside one
--   ts                          of its event, UTC
--   operation                   its place in the event, from 1, by start
--   stage, provider, model, name
--   start_ms                    ms after ts
--   ttfb_ms, duration_ms, setting_ms
--                               ms, as logged; not checked for plausibility
--   status                      ok, error, cancelled; NULL: ok
--   input_tokens … requests     quantities as logged; NULL: unknown
--   cost, currency              what the provider charged, as logged
--   unreadable                  true: a quantity or a cost of it cannot be read and is left out; else NULL
CREATE OR REPLACE VIEW operations AS
SELECT
    stream_id, line_key, event, call_id, turn, ts,
    operation.* EXCLUDE (segment, event_row, row)
FROM stored_operations AS operation
JOIN counted_events AS event ON event.segment = operation.segment AND event.file_row_number = operation.event_row;
