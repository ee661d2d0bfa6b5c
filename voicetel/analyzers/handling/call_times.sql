-- One row per selected call and time that is known of it.
--   group_id
--   measure    first_word, caller_silence: see calls; handle_time: the length of an answered call
--   ms
-- Reads: selected_calls.
SELECT group_id, 'first_word' AS measure, CAST(first_word_ms AS DECIMAL(18, 3)) AS ms FROM selected_calls WHERE first_word_ms IS NOT NULL
UNION ALL
SELECT group_id, 'caller_silence', CAST(caller_silence_ms AS DECIMAL(18, 3)) FROM selected_calls WHERE caller_silence_ms IS NOT NULL
UNION ALL
SELECT group_id, 'handle_time', CAST(duration_s * 1000 AS DECIMAL(18, 3)) FROM selected_calls WHERE answered AND duration_s IS NOT NULL
