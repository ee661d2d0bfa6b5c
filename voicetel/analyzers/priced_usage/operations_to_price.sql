-- operations_to_price: one row per call to a provider of the selected calls, with the columns of selected_operations, but
--   currency    of what the provider itself charged, in place of charged_currency
-- Reads: selected_operations.
CREATE OR REPLACE TEMP VIEW operations_to_price AS
SELECT * EXCLUDE (charged_currency) REPLACE (charged_currency AS currency)
FROM selected_operations;
