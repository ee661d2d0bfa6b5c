-- model_numbers: one row per provider and model of operations, with a number that stands for them.
--   model_number       from 1
--   provider, model
-- Reads: usage.
CREATE OR REPLACE TEMP TABLE model_numbers AS
SELECT CAST(row_number() OVER (ORDER BY provider, model) AS INTEGER) AS model_number, provider, model
FROM (SELECT DISTINCT provider, model FROM usage);
