-- One row per group, and one over all groups (part NULL): how callers felt turn by turn.
--   turns                in which the caller spoke
--   n, total             those with a score, and the scores' sum
--   good, neutral, bad   scores at and above the bound, between, at and below it
-- Bound: $neutral, the bound.
SELECT
    part,
    count(turn_sentiment.call_id) AS turns,
    count(score) AS n,
    sum(score) AS total,
    count(*) FILTER (score >= $neutral) AS good,
    count(*) FILTER (score > -$neutral AND score < $neutral) AS neutral,
    count(*) FILTER (score <= -$neutral) AS bad
FROM selected_calls LEFT JOIN turn_sentiment USING (call_id)
GROUP BY GROUPING SETS ((part), ());
