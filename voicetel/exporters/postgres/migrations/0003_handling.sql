-- How calls were handled.
ALTER TABLE call_metrics
    ADD COLUMN answered           boolean,
    ADD COLUMN transferred        boolean,
    ADD COLUMN first_word_ms      double precision,
    ADD COLUMN caller_silence_ms  double precision,
    ADD COLUMN no_input_count     bigint,
    ADD COLUMN unheard_count      bigint,
    ADD COLUMN confidence_avg     double precision;
