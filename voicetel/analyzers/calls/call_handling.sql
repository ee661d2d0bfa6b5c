-- call_handling: one row per selected call: how it was handled, and sums over its turns.
--   call_id
--   handled              it was answered and has ended
--   transferred, first_word_ms, caller_silence_ms
--                        as selected_calls has them
--   no_inputs, unheard   marks of these kinds
--   confidence_n, confidence_sum
--                        turns that say how sure the transcriber was, and the sum of it
--   setting_ms, waited_ms
--                        of turns of which both endpointing_ms and the part that is a setting are known: the sums of that part (at most
--                        the whole) and of the whole
--   characters, audio_s  of the TTS operations that went well and say both
-- Reads: selected_calls, selected_turns.
CREATE OR REPLACE TEMP VIEW call_handling AS
WITH turn AS (
    SELECT
        call_id,
        count(user_confidence) AS confidence_n,
        sum(user_confidence) AS confidence_sum,
        sum(least(endpointing_setting_ms, endpointing_ms)) FILTER (endpointing_setting_ms IS NOT NULL AND endpointing_ms IS NOT NULL)
            AS setting_ms,
        sum(endpointing_ms) FILTER (endpointing_setting_ms IS NOT NULL) AS waited_ms,
        sum(speech_characters) AS characters,
        sum(speech_audio_s) AS audio_s
    FROM selected_turns
    WHERE user_confidence IS NOT NULL OR endpointing_setting_ms IS NOT NULL OR speech_audio_s IS NOT NULL
    GROUP BY call_id
)
SELECT
    call_id, answered AND ended AS handled, transferred, first_word_ms, caller_silence_ms, no_inputs, unheard,
    coalesce(confidence_n, 0) AS confidence_n, confidence_sum, setting_ms, waited_ms, characters, audio_s
FROM selected_calls LEFT JOIN turn USING (call_id);
