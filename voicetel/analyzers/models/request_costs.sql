-- request_costs: one row per call to a provider of the selected calls, with the columns of request_amounts, and
--   ninths   what it cost, exact, in ninths of the card's currency; NULL: no price
-- Reads: request_amounts, made by rates.py of rated_operations; the variable `card_currency`.
CREATE OR REPLACE TEMP VIEW request_costs AS
SELECT
    *,
    CASE
        WHEN charged_currency = getvariable('card_currency') THEN CAST(9 * charged AS DECIMAL(38, 24))
        WHEN charged IS NULL AND is_priced THEN card_ninths
    END AS ninths
FROM request_amounts;
