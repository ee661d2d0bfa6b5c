-- sentiment_scores: one row per scored line and scorer, kept in the store. It holds no transcript.
--   scorer      the scorer's name: another scorer, or another lexicon, scores anew
--   line_hash   of the turn's line
--   language    that the call had when it was scored, as logged
--   score       of the caller's transcript, −1 to 1; NULL: there is none
CREATE OR REPLACE TABLE sentiment_scores (
    scorer VARCHAR NOT NULL, line_hash UBIGINT NOT NULL, language VARCHAR, score DECIMAL(9, 6)
);
