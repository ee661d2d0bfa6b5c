-- turn_words: one row per turn of turns_to_count_words whose transcript of the agent is whole.
--   group_id, call_id
--   words      of the agent's transcript, told apart by spaces
--   played_ms  as turns_to_count_words has it
-- Reads: turns_to_count_words; words_of_lines, made of the transcripts.
CREATE OR REPLACE TEMP TABLE turn_words AS
SELECT turns.group_id, turns.call_id, lines.words, turns.played_ms
FROM turns_to_count_words AS turns
JOIN words_of_lines AS lines ON lines.line_hash = turns.line_hash;
