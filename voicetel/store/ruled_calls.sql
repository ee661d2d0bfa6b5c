-- Puts `made_calls` into `calls`, each with the ruling on its kind of evidence. A logged outcome keeps the reason that was logged.
INSERT INTO calls BY NAME
SELECT
    made_calls.*, rulings.* EXCLUDE (kind) REPLACE (
        CASE WHEN outcome_source = 'logged' THEN coalesce(logged_reason, outcome_reason) ELSE outcome_reason END AS outcome_reason)
FROM made_calls
JOIN (SELECT call_id, kind FROM evidence) AS evidence USING (call_id)
JOIN rulings USING (kind);
