-- charged_amount(cost, currency): what the provider of an operation charged, of its texts; NULL where they make no amount, and then the card is asked.
-- In braces: the pattern of a currency. The type has five digits before the point: an amount is below pricing.operation.MAX_CHARGED.
CREATE OR REPLACE MACRO charged_amount(cost, currency) AS CASE
    WHEN regexp_full_match(currency, '{currency_code}') AND TRY_CAST(cost AS DECIMAL(23, 18)) >= 0 THEN TRY_CAST(cost AS DECIMAL(23, 18))
END;
