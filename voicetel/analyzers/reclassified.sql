-- Gives calls verdicts of their own: to `verdicts` is added one row per call, under a kind that is no other call's.
-- Bound: lists of one length: $calls, $outcomes, $confidences, $reasons, $sources, $answered.
INSERT INTO verdicts
SELECT
    hash('call', unnest($calls)), unnest($outcomes), CAST(unnest($confidences) AS DECIMAL(9, 6)),
    unnest($reasons), unnest($sources), unnest($answered);
