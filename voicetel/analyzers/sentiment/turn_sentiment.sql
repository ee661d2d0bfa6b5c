-- turn_sentiment: one row per turn of the selected calls in which the caller spoke.
--   call_id
--   stream_id, line_key   as in turns
--   score              of the caller's transcript, −1 to 1; NULL: unknown
-- Reads: events, selected_calls, sentiment_scores. Bound: $scorer.
CREATE OR REPLACE TEMP TABLE turn_sentiment AS
SELECT events.call_id, events.stream_id, events.line_key, kept.score
FROM events JOIN selected_calls USING (call_id)
LEFT JOIN (FROM sentiment_scores WHERE scorer = $scorer) AS kept
    ON kept.line_hash = events.line_hash AND kept.language IS NOT DISTINCT FROM selected_calls.language
WHERE events.event = 'turn' AND events.user_spoke;
