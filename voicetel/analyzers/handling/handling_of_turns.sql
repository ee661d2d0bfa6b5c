-- One row per group, and one over all groups (group_id NULL): how well callers were understood, and how fast the agent spoke.
--   confidence_n, confidence_sum      turns that say how sure the transcriber was, and the sum of it
--   setting_n, setting_ms, waited_ms  turns of which both endpointing_ms and the part that is a setting are known: sums of that part (at
--                                     most the whole) and of the whole
--   speech_turns, characters, audio_s turns whose TTS says both characters and seconds of audio, and their sums
-- Reads: selected_turns.
SELECT
    group_id,
    count(user_confidence) AS confidence_n,
    sum(user_confidence) AS confidence_sum,
    count(endpointing_setting_ms) FILTER (endpointing_ms IS NOT NULL) AS setting_n,
    sum(least(endpointing_setting_ms, endpointing_ms)) FILTER (endpointing_setting_ms IS NOT NULL AND endpointing_ms IS NOT NULL) AS setting_ms,
    sum(endpointing_ms) FILTER (endpointing_setting_ms IS NOT NULL) AS waited_ms,
    count(speech_audio_s) AS speech_turns,
    sum(speech_characters) AS characters,
    sum(speech_audio_s) AS audio_s
FROM selected_turns
GROUP BY GROUPING SETS ((group_id), ());
