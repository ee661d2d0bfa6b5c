-- turns: one row per turn that counts.
--   stream_id, line_key                 where it comes from: number of the log stream, key of the line
--   call_id
--   turn                                number of the turn as logged
--   ts                                  its earliest moment, UTC
--   state_id                            where in the dialogue the agent was
--   user_spoke, agent_spoke             whether the caller, the agent had a part in it
--   user_start_ms, user_end_ms          ms after ts
--   user_confidence                     how sure the transcriber was of the caller's text, 0 to 1; NULL: not said
--   agent_start_ms, agent_end_ms        ms after ts
--   agent_spans                         [[start, end], …] in ms after ts: in their order, those that overlap as one
--   interrupted                         playback stopped for good before its end; NULL: not said
--   interrupted_by                      caller, hangup, agent, error; NULL: not said
--   eou_from                            what eou_latency_ms counts from; NULL: the end of speech
--   eou_latency_ms … unattributed_ms    the latencies of voicetel/events/metrics.py; NULL: unknown or impossible
--   endpointing_setting_ms              the part of endpointing_ms that is a setting; NULL: not said
--   speech_characters, speech_audio_s   characters and seconds of its TTS operations that went well and say both; NULL: none
--   impossible                          names of the latencies that were impossible; NULL: none
--   operation_count                     how many calls to providers it took; NULL: none
CREATE OR REPLACE VIEW turns AS
SELECT
    stream_id, line_key, call_id, turn,
    ts, state_id, user_spoke, agent_spoke, user_start_ms, user_end_ms, user_confidence, agent_start_ms, agent_end_ms, agent_spans,
    interrupted, interrupted_by, eou_from,
    eou_latency_ms, endpointing_ms, stt_ttfb_ms, llm_ttft_ms, llm_latency_ms, tts_ttfb_ms, realtime_ttfb_ms, unattributed_ms,
    endpointing_setting_ms, speech_characters, speech_audio_s, impossible, operation_count
FROM events
WHERE event = 'turn';
