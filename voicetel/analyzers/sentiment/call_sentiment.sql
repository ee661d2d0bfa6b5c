-- Gives selected_calls the mean of its caller's turns (six places) where no sentiment was logged.
UPDATE materialized_selected_calls SET sentiment = felt.sentiment
FROM (
    SELECT call_id, round(CAST(sum(score) AS DOUBLE) / count(score), 6) AS sentiment
    FROM turn_sentiment
    GROUP BY call_id
) AS felt
WHERE materialized_selected_calls.call_id = felt.call_id AND materialized_selected_calls.sentiment IS NULL;
