-- One row per call of call_batch, in its order: how it was handled, as call_handling has it.
--   confidence_avg   mean over its turns of how sure the transcriber was; NULL: none says
-- Reads: call_batch, call_handling.
SELECT
    transferred, CAST(first_word_ms AS DOUBLE) AS first_word_ms, CAST(caller_silence_ms AS DOUBLE) AS caller_silence_ms,
    no_inputs AS no_input_count, unheard AS unheard_count,
    CASE WHEN confidence_n > 0 THEN round(CAST(confidence_sum AS DOUBLE) / confidence_n, 6) END AS confidence_avg
FROM call_batch JOIN call_handling USING (call_id)
ORDER BY position;
