-- Gives selected_calls the mean of its turns' scores (six places) where no sentiment was logged.
-- Reads: turn_sentiment.
UPDATE materialized_selected_calls SET sentiment = scored.sentiment
FROM (
    SELECT call_id, round(CAST(sum(score) AS DOUBLE) / count(score), 6) AS sentiment
    FROM turn_sentiment
    GROUP BY call_id
) AS scored
WHERE materialized_selected_calls.call_id = scored.call_id AND materialized_selected_calls.sentiment IS NULL;
