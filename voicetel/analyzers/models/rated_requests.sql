-- rated_requests: the rows of requests_to_price, each with the columns of the rate that prices it; NULL where there is none.
-- Reads: requests_to_price, rates.
CREATE OR REPLACE TEMP VIEW rated_requests AS
SELECT request.*, rates.* EXCLUDE (stage, provider, model, used)
FROM requests_to_price AS request
LEFT JOIN rates ON
    rates.stage = request.stage
    AND rates.provider IS NOT DISTINCT FROM request.provider
    AND rates.model IS NOT DISTINCT FROM request.model
    AND rates.used = request.used
    AND request.currency IS NULL
    AND request.day >= rates.valid_from AND request.day < rates.valid_to;
