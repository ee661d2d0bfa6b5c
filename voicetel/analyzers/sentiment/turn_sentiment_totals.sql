-- One row per group, and one over all groups (group_id NULL): the sentiment of turns.
--   turns                in which the caller spoke
--   n, total             those with a score, and the scores' sum
--   good, neutral, bad   scores at and above the bound, between, at and below it
-- Reads: selected_calls, turn_sentiment. Bound: $neutral_within, the bound.
SELECT
    group_id,
    count(turn_sentiment.call_id) AS turns,
    count(score) AS n,
    sum(score) AS total,
    count(*) FILTER (score >= $neutral_within) AS good,
    count(*) FILTER (score > -$neutral_within AND score < $neutral_within) AS neutral,
    count(*) FILTER (score <= -$neutral_within) AS bad
FROM selected_calls LEFT JOIN turn_sentiment USING (call_id)
GROUP BY GROUPING SETS ((group_id), ());
