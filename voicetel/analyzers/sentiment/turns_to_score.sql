-- turns_to_score: one row per turn of the selected calls in which the caller spoke and which has no kept score.
--   stream_id, line_hash   where it stands
--   language            of its call, as logged
-- Reads: events, selected_calls, sentiment_scores. Bound: $scorer.
CREATE OR REPLACE TEMP TABLE turns_to_score AS
SELECT events.stream_id, events.line_hash, selected_calls.language
FROM events JOIN selected_calls USING (call_id)
ANTI JOIN (FROM sentiment_scores WHERE scorer = $scorer) AS kept
    ON kept.line_hash = events.line_hash AND kept.language IS NOT DISTINCT FROM selected_calls.language
WHERE events.event = 'turn' AND events.user_spoke;
