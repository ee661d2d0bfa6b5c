-- usage: what operations used. Additive: rows of one call and model can stand here more than once, sum them.
-- One row per log stream, segment, call, UTC day, stage, provider, model, currency and kinds of quantities used.
--   stream_id                   number of the log stream it comes from
--   call_id
--   day                         UTC day of the events
--   stage, provider, model
--   currency, charged           not NULL: what the providers charged for these operations, in this currency
--   quantity_bits               which quantities are billed: bit n is the n-th of pricing.units.BILLABLES; the bit behind them: an amount
--                               cannot be read and is left out
--   operations                  how many
--   input_tokens … requests     tokens, seconds, characters, requests as logged
--   billed_…                    what of each is billed, every token once; some are not kept but told from what was logged
CREATE OR REPLACE VIEW usage AS
SELECT * EXCLUDE (segment, file_row_number), {derived_usage_columns} FROM counted_usage;
