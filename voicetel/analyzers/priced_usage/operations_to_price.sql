-- operations_to_price: one row per call to a provider of the selected calls, with the columns of selected_operations, but
--   currency, billed   what the provider itself charged, in place of charged_currency and charged
-- Reads: selected_operations.
CREATE OR REPLACE TEMP VIEW operations_to_price AS
SELECT * EXCLUDE (charged, charged_currency) REPLACE (charged_currency AS currency), charged AS billed
FROM selected_operations;
